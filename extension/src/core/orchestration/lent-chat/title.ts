import type { Message } from '../../../protocol/message.ts';
import { askedText } from '../../models/asked-text.ts';

const LONGEST = 200;

/** What a chat is about, for a list of runs: the first line of the newest thing that the person said. */
export function titleOf(messages: readonly Message[]): string {
  const [line = ''] = askedText(messages).split('\n');
  return line === '' ? 'a chat' : line.trim().slice(0, LONGEST);
}
