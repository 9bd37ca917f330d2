import type { Json, JsonObject } from '../base/json.ts';
import type { ApprovalAnswer, ApprovalRequest } from '../core/orchestration/index.ts';
import { safeText } from './style.ts';
import type { Terminal } from './terminal.ts';

/** Asks whether a tool may be called, with other arguments or not at all. */
export async function askApproval(
  terminal: Terminal,
  { tool, arguments: given }: ApprovalRequest,
  signal: AbortSignal,
): Promise<ApprovalAnswer> {
  signal.throwIfAborted();
  terminal.print(`\nThe agent wants to call ${tool}:\n${safeText(JSON.stringify(given, undefined, 2))}`);
  const answer = await terminal.ask('Allow this call?', ['yes', 'no', 'edit', 'why not'], signal);
  switch (answer) {
    case 'yes':
      return { allowed: true };
    case 'no':
      return { allowed: false };
    case 'edit':
      return { allowed: true, arguments: await askArguments(terminal, given, signal) };
    case 'why not': {
      const reason = (await terminal.askText('Why not, or what to do instead? ', '', signal)).trim();
      return { allowed: false, ...(reason === '' ? {} : { reason }) };
    }
  }
}

async function askArguments(terminal: Terminal, given: JsonObject, signal: AbortSignal): Promise<JsonObject> {
  for (let text = JSON.stringify(given); ;) {
    text = await terminal.askText('Arguments: ', text, signal);
    const edited = parsed(text);
    if (isObject(edited)) return edited;
    terminal.print('The arguments of a tool are one JSON object.');
  }
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
