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
  readonly content?: boolean;
  readonly wait?: boolean;
}

const TEXTS = ['agent', 'task', 'run', 'folder', 'step', 'query', 'file', 'provider'] as const;
const FLAGS = ['content', 'wait'] as const;

export function readArguments(given: unknown): CommandArguments {
  const object = isRecord(given) ? given : {};
  const result: Record<string, string | boolean> = {};
  for (const key of TEXTS) if (typeof object[key] === 'string') result[key] = object[key];
  for (const key of FLAGS) if (typeof object[key] === 'boolean') result[key] = object[key];
  // An item of the runs view brings itself: its folder and its run.
  const { runs, run } = object;
  if (isRecord(runs) && typeof runs['folder'] === 'string') result['folder'] = runs['folder'];
  if (isRecord(run) && typeof run['id'] === 'string') result['run'] = run['id'];
  return result;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
