import type { ToolDefinition } from '../../protocol/message.ts';
import type { BlobId, Steering } from '../../protocol/run-event.ts';
import type { Recalled } from '../memory/episodes/episode.ts';
import type { ContextRequest, WorkingMemory } from '../memory/working/index.ts';
import type { Disclosed } from '../tools/disclosure.ts';
import type { Tool } from '../tools/tool.ts';
import type { AgentDefinition } from './agent.ts';
import { openContext } from './context.ts';
import type { RunLog } from './ports.ts';

/** A request by value, for the model, and by the ids of its blobs, for the log. */
export interface TalkRequest extends ContextRequest {
  readonly route: string;
  readonly definitions: readonly ToolDefinition[];
  readonly catalogue: BlobId;
}

/** Who leads the conversation, with which tools and models, and what has been said. */
export interface Talk {
  readonly lead: AgentDefinition;
  readonly route: string;
  readonly tools: readonly Tool[];
  /** What it may call without being told of it in each request. */
  readonly behind: readonly Tool[];
  readonly memory: WorkingMemory;
  /** From here on another agent leads. */
  handOver(agent: AgentDefinition): void;
  steer(said: Steering): void;
  request(): TalkRequest;
}

export interface TalkStart {
  readonly agent: AgentDefinition;
  /** What an agent may call. */
  readonly offered: (lead: AgentDefinition) => Disclosed;
  readonly task: string;
  readonly episodes: readonly Recalled[];
  /** How many files the workspace holds. */
  readonly files: number;
  readonly contextTokens: number | undefined;
}

export function createTalk(log: Pick<RunLog, 'putBlob'>, start: TalkStart): Talk {
  const { offered } = start;
  let lead = start.agent;
  let { route } = lead;
  let { shown: tools, behind } = offered(lead);
  let definitions = tools.map(asModelSees);
  let catalogue = log.putBlob(JSON.stringify(definitions));
  const memory = openContext(log, { ...start, prompt: lead.prompt, tools: definitions });

  return {
    get lead() {
      return lead;
    },
    get route() {
      return route;
    },
    get tools() {
      return tools;
    },
    get behind() {
      return behind;
    },
    memory,
    handOver: (agent) => {
      lead = agent;
      ({ route } = agent);
      ({ shown: tools, behind } = offered(agent));
      definitions = tools.map(asModelSees);
      catalogue = log.putBlob(JSON.stringify(definitions));
      memory.setPrompt(agent.prompt);
      memory.setTools(definitions);
    },
    steer: (said) => {
      if (said.route !== undefined) route = said.route;
      if (said.prompt !== undefined) memory.setPrompt(said.prompt);
      if (said.text !== undefined) memory.steer(said.text);
    },
    request: () => ({ ...memory.request(), route, definitions, catalogue }),
  };
}

function asModelSees({ name, description, inputSchema }: Tool): ToolDefinition {
  return { name, description, inputSchema };
}
