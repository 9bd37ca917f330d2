import type { KeyHelp } from '../agent-file/keys.ts';

export const DEFAULT_ROUNDS = 3;
export const DEFAULT_PARALLEL = 4;

const task: KeyHelp = {
  about: 'What it is told. `{{task}}` is the task of the run, `{{id.answer}}` the answer of a node before.',
  otherwise: '`"{{task}}"`',
  snippet: '"${1:{{task\\}\\}}"',
};
const agent: KeyHelp = { about: 'The agent that works.', snippet: '${1:coder}' };
const rounds: KeyHelp = {
  about: 'How many times they take turns at most.',
  otherwise: `\`${DEFAULT_ROUNDS}\``,
  snippet: `\${1:${DEFAULT_ROUNDS}}`,
};

export const WORKFLOW_KEYS = {
  name: {
    about: 'What the workflow is called: one word, and not the name of an agent.',
    otherwise: 'the name of the file',
    snippet: '${1:name}',
  },
  description: { about: 'What it is for, in a sentence.', snippet: '${1:What it is for.}' },
  budget: {
    about: 'Dollars after which the run pauses and asks whether to go on.',
    otherwise: 'no limit',
    snippet: '${1:5}',
  },
  nodes: {
    about: 'What is done, each under a name of its own. Without `edges` they run one after the other.',
    snippet: '\n  ${1:first}:\n    agent: ${2:coder}\n    task: "${3:{{task\\}\\}}"',
  },
  edges: {
    about:
      'What follows what: `a -> b`, or `{ from: a, to: b, when: …, limit: … }`. A node waits for the edges that lead to it and runs when one of them is taken; one that none leads to starts. An edge that leads back needs a `limit`.',
    otherwise: 'each node after the one before it',
    snippet: '\n  - ${1:first} -> ${2:second}',
  },
} satisfies Record<string, KeyHelp>;

export const NODE_KEYS = {
  agent,
  task,
  map: {
    about:
      'The same agent on each part of an answer, side by side. The parts: its JSON array, its list, or its lines.',
    snippet: '\n  over: ${1:plan}.answer\n  agent: ${2:coder}\n  task: "${3:{{item\\}\\}}"',
  },
  critic: {
    about: 'An author works and a critic judges, until the critic’s answer begins with APPROVED.',
    snippet: '\n  author: ${1:coder}\n  critic: ${2:reviewer}',
  },
  discussion: {
    about: 'Members speak in turn as the chair decides; the chair’s last word is the answer.',
    snippet: '\n  chair: ${1:planner}\n  members: [${2:coder, reviewer}]',
  },
  retries: {
    about: 'How often it is tried again after it failed: 0 to 10.',
    otherwise: '`0`',
    snippet: '${1:1}',
  },
  timeLimit: {
    about: 'How long one try may take, such as `90s`, `10m` or `1h30m`.',
    otherwise: 'no limit of its own',
    snippet: '${1:10m}',
  },
} satisfies Record<string, KeyHelp>;

/** Keys below `map`, `critic` and `discussion`. */
export const FORM_KEYS = {
  map: {
    over: {
      about: 'The answer whose parts are worked on, such as `plan.answer`.',
      snippet: '${1:plan}.answer',
    },
    agent,
    task: { ...task, about: `${task.about} \`{{item}}\` is the part.`, otherwise: '`"{{item}}"`' },
    parallel: {
      about: 'How many work at once, at most: 1 to 16.',
      otherwise: `\`${DEFAULT_PARALLEL}\``,
      snippet: `\${1:${DEFAULT_PARALLEL}}`,
    },
  },
  critic: {
    author: { about: 'The agent that does the work.', snippet: '${1:coder}' },
    critic: { about: 'The agent that judges it.', snippet: '${1:reviewer}' },
    task,
    rounds,
  },
  discussion: {
    chair: { about: 'The agent that says who speaks, and has the last word.', snippet: '${1:planner}' },
    members: { about: 'The agents that speak.', snippet: '[${1:coder, reviewer}]' },
    task,
    rounds,
  },
} satisfies Record<string, Record<string, KeyHelp>>;

export const EDGE_KEYS = {
  from: { about: 'The node that has ended.', snippet: '${1:first}' },
  to: { about: 'The node that follows.', snippet: '${1:second}' },
  when: {
    about:
      'Taken only when this holds: `review.answer contains "APPROVED"`, `tests.outcome is "failed"`, `plan.answer matches /^- /`, each also with `not` before it; or `else`, the opposite of the other condition of the same node.',
    otherwise: 'always taken',
    snippet: '${1:review}.answer contains "${2:APPROVED}"',
  },
  limit: {
    about: 'How often it may be taken in one run. An edge that leads back needs it, and no other has it.',
    otherwise: 'no limit',
    snippet: '${1:3}',
  },
} satisfies Record<string, KeyHelp>;
