import { textOf, toolCallsOf } from '../../../protocol/message.ts';
import type { Message } from '../../../protocol/message.ts';
import type { JsonObject } from '../../../base/json.ts';

/** A tool call that was made, with what came of it. */
export interface DoneCall {
  readonly tool: string;
  readonly arguments: JsonObject;
  readonly text: string;
  readonly isError: boolean;
}

/** What a run adds below its task. */
const ADDED =
  /\n\n(?:From the memory of this workspace:|Earlier runs in this workspace:|The workspace is empty:)/;

/** What people said about earlier runs of this task, as the host recalled it below the task. */
export function correctionsIn(messages: readonly Message[]): readonly string[] {
  const first = messages.find((message) => message.role === 'user');
  const recalled = first ? textOf(first).slice(taskOf(messages).length) : '';
  return [...recalled.matchAll(/^ {2}The person said of (?:it|an earlier one): “(.*)”$/gm)].map(
    ([, said = '']) => said,
  );
}

/** What the person asked for: their first words, without what the host adds below them about earlier runs. */
export function taskOf(messages: readonly Message[]): string {
  const first = messages.find((message) => message.role === 'user');
  const text = first ? textOf(first) : '';
  return (text.split(ADDED)[0] ?? '').trim();
}

/** All calls in the order in which they were made. A call without a result has not been done. */
export function doneCalls(messages: readonly Message[]): DoneCall[] {
  const results = new Map(messages.flatMap((m) => (m.role === 'tool' ? [[m.callId, m] as const] : [])));
  return messages.flatMap((message) => {
    if (message.role !== 'assistant') return [];
    return toolCallsOf(message).flatMap(({ callId, tool, arguments: given }) => {
      const result = results.get(callId);
      if (!result) return [];
      // Servers add remarks such as "cut after line 2000" as further parts; the first one is the content itself.
      const parts = result.content.flatMap((part) => (part.type === 'text' ? [part.text] : []));
      const text = tool.endsWith('_read') ? (parts[0] ?? '') : parts.join('\n');
      return [{ tool, arguments: given, text, isError: result.isError }];
    });
  });
}

export function callCount(messages: readonly Message[]): number {
  return messages.reduce(
    (sum, message) => sum + (message.role === 'assistant' ? toolCallsOf(message).length : 0),
    0,
  );
}

export function argument(call: DoneCall, name: string): string {
  const value = call.arguments[name];
  return typeof value === 'string' ? value : '';
}

export function firstLine(text: string): string {
  return (text.trim().split('\n')[0] ?? '').slice(0, 200);
}
