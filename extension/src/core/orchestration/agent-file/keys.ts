import { DEFAULT_MAX_STEPS, DEFAULT_TOOLS } from '../agent.ts';

/** What a person can say about a key in an editor: shown on hover and in the list of completions. */
export interface KeyHelp {
  readonly about: string;
  /** What holds without it. */
  readonly otherwise?: string;
  /** Snippet of what follows the key and its colon, in the editor's notation. */
  readonly snippet: string;
}

export const AGENT_KEYS: Readonly<Record<string, KeyHelp>> = {
  name: {
    about: 'What the agent is called: one word of letters, digits, `_` and `-`.',
    otherwise: 'the name of the file',
    snippet: '${1:name}',
  },
  description: {
    about:
      'What it is for, in a sentence. People see it in the list of agents, other agents when they may call it.',
    snippet: '${1:What it is for.}',
  },
  route: {
    about:
      'Kind of work, which decides on the model: `code`, `reasoning`, `fast`, `long-context`, or a route of `.strata/models.jsonc`.',
    otherwise: '`code`',
    snippet: '${1|code,reasoning,fast,long-context|}',
  },
  tools: {
    about: 'Tools that it may use; `*` stands for any run of characters.',
    otherwise: `\`[${DEFAULT_TOOLS.join(', ')}]\``,
    snippet: '[${1:memory_*, files_read}]',
  },
  agents: {
    about:
      'Agents that it may give parts of its task to. Each works in a run of its own, and its changes come back.',
    otherwise: 'none',
    snippet: '[${1:explorer}]',
  },
  handOvers: {
    about: 'Agents that it may hand the conversation over to. They go on in the same run in its place.',
    otherwise: 'none',
    snippet: '[${1:reviewer}]',
  },
  budget: {
    about: 'Dollars after which the run pauses and asks whether to go on. Sub-runs count.',
    otherwise: 'no limit',
    snippet: '${1:2}',
  },
  maxSteps: {
    about: 'Model calls after which the run pauses and asks whether to go on: 1 to 1000.',
    otherwise: `\`${DEFAULT_MAX_STEPS}\``,
    snippet: '${1:50}',
  },
  memory: {
    about: 'Whether it is told of earlier runs that fit its task, and its own are remembered.',
    otherwise: '`true`',
    snippet: '${1|true,false|}',
  },
  isolation: {
    about: 'Where it makes its changes: on its own `copy` of the folder, or in the `workspace` itself.',
    otherwise: 'the setting `strata.run.isolation`',
    snippet: '${1|copy,workspace|}',
  },
};
