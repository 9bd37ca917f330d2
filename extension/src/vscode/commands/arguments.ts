import type { Json, JsonObject } from '../../base/json.ts';

/**
 * Commands come from keybindings, tasks, tests, tree items and other extensions, so what they bring is checked: a member
 * of the wrong type counts as not given, and the command asks for it.
 */
export interface CommandArguments {
  readonly agent?: string;
  readonly task?: string;
  readonly run?: string;
  readonly folder?: string;
  readonly step?: string;
  readonly query?: string;
  readonly file?: string;
  readonly provider?: string;
  /** Two runs to compare. */
  readonly a?: string;
  readonly b?: string;
  readonly name?: string;
  readonly content?: boolean;
  readonly wait?: boolean;
  /** A message to the agent, or the reason of a refusal. */
  readonly text?: string;
  readonly route?: string;
  readonly prompt?: string;
  readonly result?: Json;
  readonly arguments?: JsonObject;
  readonly decision?: 'allow' | 'edit' | 'refuse';
  readonly live?: 'models' | 'tools';
  readonly conflicts?: 'refuse' | 'mark' | 'ours' | 'theirs';
  readonly pinned?: boolean;
  /** An MCP server by its name, or one to register. */
  readonly server?: string;
  readonly newServer?: JsonObject;
  /** A tool by the name that models know it by. */
  readonly tool?: string;
  /** A model deployment by its id. */
  readonly deployment?: string;
  /** A note of the memory by its id. */
  readonly note?: string;
  /** What a person thinks of a run; `none` takes it back. */
  readonly verdict?: 'up' | 'down' | 'none';
  /** A model by its name, and the address of its server. */
  readonly model?: string;
  readonly baseUrl?: string;
  /** What a budget counts; with `name` for those of agents and routes. */
  readonly scope?: string;
  /** The person has agreed already, so no dialog asks. */
  readonly agreed?: boolean;
  /** It came from a view, where a person may want to say more than what they clicked on. */
  readonly ask?: boolean;
  /** More rows of a view are wanted than it shows at first. */
  readonly more?: boolean;
}

const TEXTS = [
  ...['agent', 'task', 'run', 'folder', 'step', 'query', 'file', 'provider', 'a', 'b', 'name'],
  ...['text', 'route', 'prompt', 'server', 'tool', 'deployment', 'scope', 'note', 'model'],
  'baseUrl',
] as const;
const FLAGS = ['content', 'wait', 'pinned', 'ask', 'agreed', 'more'] as const;
const CHOICES = {
  decision: ['allow', 'edit', 'refuse'],
  live: ['models', 'tools'],
  verdict: ['up', 'down', 'none'],
  conflicts: ['refuse', 'mark', 'ours', 'theirs'],
} as const;

export function readArguments(given: unknown): CommandArguments {
  const object = isRecord(given) ? given : {};
  const result: Record<string, Json> = {};
  for (const key of TEXTS) if (typeof object[key] === 'string') result[key] = object[key];
  for (const key of FLAGS) if (typeof object[key] === 'boolean') result[key] = object[key];
  for (const [key, values] of Object.entries(CHOICES)) {
    const value = values.find((one) => one === object[key]);
    if (value) result[key] = value;
  }
  if (isJson(object['result'])) result['result'] = object['result'];
  if (isRecord(object['arguments']) && isJson(object['arguments'])) result['arguments'] = object['arguments'];
  const { server } = object;
  if (isRecord(server) && isJson(server)) result['newServer'] = server;
  // A row of the tools view that stands for a tool that is held back brings it.
  if (isRecord(object['held']) && typeof object['held']['name'] === 'string')
    result['tool'] = object['held']['name'];
  // An item of the runs view brings itself: its folder, its run, and perhaps its step.
  const { runs, run, step } = object;
  if (isRecord(runs) && typeof runs['folder'] === 'string') {
    result['folder'] = runs['folder'];
    result['ask'] = true;
  }
  if (isRecord(run) && typeof run['id'] === 'string') result['run'] = run['id'];
  if (isRecord(step) && typeof step['id'] === 'string') result['step'] = step['id'];
  return result;
}

function isJson(value: unknown): value is Json {
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return true;
  return typeof value === 'object' && Object.values(value).every(isJson);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
