import type { Message } from '../../protocol/message.ts';
import { textOf } from '../../protocol/message.ts';

/** Copilot wraps what the person typed, and puts much else around it. */
const TYPED = /<(userRequest|prompt)>\s*([\s\S]*?)\s*<\/\1>/;
/** What a run adds below its task. */
const ADDED =
  /\n\n(?:From the memory of this workspace:|Earlier runs in this workspace:|The workspace is empty:)/;

/** The newest thing that a person said, without what programs have put around it; empty when nobody said anything. */
export function askedText(messages: readonly Message[]): string {
  const said = messages.findLast((message) => message.role === 'user' && textOf(message).trim() !== '');
  const text = said ? textOf(said) : '';
  return (TYPED.exec(text)?.[2] ?? text.split(ADDED)[0] ?? '').trim();
}
