import type { Message } from '../../../protocol/message.ts';
import { textOf } from '../../../protocol/message.ts';
import { cutMiddle } from './cut-results.ts';
import type { Notes } from './summary.ts';

/** Bytes of one text that a summary is made from: what matters of a long result stands at its ends or in the replies to it. */
const LONGEST_TEXT = 3_000;
const LONGEST_ARGUMENTS = 1_000;
/** Characters of a line of an extract, and how many of the newest lines each of its lists holds. */
const LONGEST_LINE = 200;
const MOST_LINES = 40;

/** Messages as a text for a model to summarise: no provider would take calls without the tools that they are for. */
export function transcript(messages: readonly Message[]): string {
  const tools = new Map<string, string>();
  return messages
    .map((message) => {
      switch (message.role) {
        case 'system':
          return `SYSTEM: ${cutMiddle(message.text, LONGEST_TEXT)}`;
        case 'user':
          return `USER: ${cutMiddle(contentOf(message), LONGEST_TEXT)}`;
        case 'assistant':
          return message.content
            .flatMap((part) => {
              if (part.type === 'text') return [`AGENT: ${cutMiddle(part.text, LONGEST_TEXT)}`];
              if (part.type === 'reasoning') return [];
              tools.set(part.callId, part.tool);
              return [`CALL ${part.tool} ${cutMiddle(JSON.stringify(part.arguments), LONGEST_ARGUMENTS)}`];
            })
            .join('\n');
        case 'tool':
          return `${message.isError ? 'FAILED' : 'RESULT'} ${tools.get(message.callId) ?? ''}: ${cutMiddle(contentOf(message), LONGEST_TEXT)}`;
      }
    })
    .join('\n\n');
}

/** Notes made without a model: those of before, then first lines, calls and what came of them. */
export function extract(messages: readonly Message[], earlier: Notes | undefined): Notes {
  const decided: string[] = [];
  const failed: string[] = [];
  const facts: string[] = [];
  const calls = new Map<string, string>();
  for (const message of messages) {
    if (message.role === 'tool') {
      const call = calls.get(message.callId) ?? 'a call';
      (message.isError ? failed : facts).push(`- ${call}: ${firstLine(contentOf(message))}`);
      continue;
    }
    if (message.role !== 'assistant') continue;
    for (const part of message.content) {
      if (part.type === 'tool-call')
        calls.set(part.callId, `${part.tool} ${JSON.stringify(part.arguments).slice(0, LONGEST_LINE)}`);
    }
    const said = firstLine(textOf(message));
    if (said !== '') decided.push(`- ${said}`);
  }
  return {
    before: earlier?.before ?? [],
    under: {
      Decided: after(earlier?.under.Decided, decided),
      'Tried and failed': after(earlier?.under['Tried and failed'], failed),
      'Facts found': after(earlier?.under['Facts found'], facts),
      'Open points': earlier?.under['Open points'] ?? [],
    },
  };
}

function after(earlier: readonly string[] | undefined, lines: readonly string[]): readonly string[] {
  return [...(earlier ?? []), ...lines.slice(-MOST_LINES)];
}

function contentOf(message: Exclude<Message, { role: 'system' }>): string {
  const images = message.content.filter((part) => part.type === 'image').length;
  const text = textOf(message);
  if (images === 0) return text;
  return `${text}${text === '' ? '' : '\n'}(${images} ${images === 1 ? 'image' : 'images'})`;
}

function firstLine(text: string): string {
  return (text.trim().split('\n')[0] ?? '').slice(0, LONGEST_LINE);
}
