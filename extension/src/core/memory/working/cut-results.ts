import type { ImagePart, Message, TextPart } from '../../../protocol/message.ts';
import { SHARES } from './budget.ts';

/**
 * UTF-8 bytes of a token: 4 in English, 3 in CJK. What is cut depends on this and the budget alone, never on the estimate of
 * tokens, which may get better from version to version: a recorded conversation must be cut the same ever after.
 */
const BYTES_PER_TOKEN = 3.5;
/** Of what is kept, the part that comes before the gap. */
const HEAD = 0.6;
const SHORTEST = 400;
/** The cut moves this far to fall between lines. */
const TO_LINE = 200;

/**
 * A turn's messages with the middle left out of tool results that are too large for the context. The log holds them whole, as
 * the output of their steps. Messages that fit are returned as they are.
 */
export function cutResults(messages: readonly Message[], budget: number): readonly Message[] {
  const sizes = messages.flatMap((message) =>
    message.role === 'tool'
      ? message.content.flatMap((part) => (part.type === 'text' ? [Buffer.byteLength(part.text)] : []))
      : [],
  );
  const bytes = budget * BYTES_PER_TOKEN;
  const most = Math.max(
    SHORTEST,
    Math.floor(Math.min(bytes * SHARES.result, level(sizes, bytes * SHARES.results))),
  );
  if (sizes.every((size) => size <= most)) return messages;
  const fit = (part: TextPart | ImagePart): TextPart | ImagePart =>
    part.type === 'text' ? { type: 'text', text: cutMiddle(part.text, most) } : part;
  return messages.map((message) =>
    message.role === 'tool' ? { ...message, content: message.content.map(fit) } : message,
  );
}

/** The text with its middle left out, so that about `most` bytes of it are left; a remark says what is missing. */
export function cutMiddle(text: string, most: number): string {
  const bytes = Buffer.byteLength(text);
  if (bytes <= most) return text;
  const kept = Math.floor((text.length * most) / bytes);
  const head = lineBefore(text, Math.floor(kept * HEAD));
  const tail = lineAfter(text, text.length - (kept - Math.floor(kept * HEAD)));
  const left = text.slice(head, tail);
  const first = linesIn(text.slice(0, head)) + 1;
  const last = first + linesIn(left.endsWith('\n') ? left.slice(0, -1) : left);
  const lines = first === last ? `of line ${first}` : `lines ${first} to ${last}`;
  const remark = `[${left.length} characters, ${lines} of this result, are left out here because it is long. To see them, ask for a smaller part: a range of lines, or a narrower search.]`;
  const gap = head === 0 || text[head - 1] === '\n' ? '' : '\n';
  return `${text.slice(0, head)}${gap}${remark}\n${text.slice(tail)}`;
}

/** The largest size such that all sizes together, none counted above it, come to at most `total`. */
function level(sizes: readonly number[], total: number): number {
  let left = total;
  const ascending = [...sizes].sort((a, b) => a - b);
  for (const [index, size] of ascending.entries()) {
    const share = left / (ascending.length - index);
    if (size > share) return share;
    left -= size;
  }
  return Number.POSITIVE_INFINITY;
}

function lineBefore(text: string, at: number): number {
  const start = text.lastIndexOf('\n', at) + 1;
  return at - start <= TO_LINE && start > 0 ? start : between(text, at);
}

function lineAfter(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end !== -1 && end - at <= TO_LINE ? end + 1 : between(text, at);
}

/** Not between the halves of a surrogate pair. */
function between(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}

function linesIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
