import type { Message } from '../../../protocol/message.ts';
import { textOf } from '../../../protocol/message.ts';

const LONGEST = 200;
/** Copilot wraps what the person typed, and puts much else around it. */
const TYPED = /<(userRequest|prompt)>\s*([\s\S]*?)\s*<\/\1>/;

/** What a chat is about, for a list of runs: the newest thing that the person said, in one line. */
export function titleOf(messages: readonly Message[]): string {
  const said = messages.findLast((message) => message.role === 'user' && textOf(message).trim() !== '');
  const text = said ? textOf(said) : '';
  const typed = TYPED.exec(text)?.[2] ?? text;
  const line = typed
    .split('\n')
    .map((one) => one.trim())
    .find((one) => one !== '');
  return line === undefined ? 'a chat' : line.slice(0, LONGEST);
}
