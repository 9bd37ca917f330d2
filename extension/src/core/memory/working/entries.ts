import { assert } from '../../../base/assert.ts';
import type { Message } from '../../../protocol/message.ts';
import { toolCallsOf } from '../../../protocol/message.ts';
import { estimateMessage } from './token-estimate.ts';

/**
 * What goes from the context as a whole or not at all: a turn (an assistant's reply with the results of all its calls, or a
 * message of its own), or a person's word in the middle.
 */
export interface Entry {
  readonly kind: 'turn' | 'word';
  readonly messages: readonly Message[];
  /** Estimated. */
  readonly tokens: number;
}

export function wordEntry(text: string): Entry {
  return entry('word', [{ role: 'user', content: [{ type: 'text', text }] }]);
}

/** Providers refuse a call without its result, or a result without its call, so neither may ever be parted. */
export function turnsOf(messages: readonly Message[]): readonly Entry[] {
  const turns: Entry[] = [];
  for (let at = 0; at < messages.length;) {
    const message = messages[at];
    assert(
      message && (message.role === 'assistant' || message.role === 'user'),
      'a turn begins with a reply',
    );
    const calls = message.role === 'assistant' ? toolCallsOf(message) : [];
    const end = at + 1 + calls.length;
    const whole = calls.every(({ callId }, index) => {
      const result = messages[at + 1 + index];
      return result?.role === 'tool' && result.callId === callId;
    });
    assert(whole, 'the results of all calls follow in their order');
    turns.push(entry('turn', messages.slice(at, end)));
    at = end;
  }
  return turns;
}

function entry(kind: Entry['kind'], messages: readonly Message[]): Entry {
  return { kind, messages, tokens: messages.reduce((sum, message) => sum + estimateMessage(message), 0) };
}
