/**
 * Text from models, tools and files as it may stand in a document or a list: without terminal sequences, control characters
 * and marks that turn the direction of what follows. Lines end with `\n`.
 */
export function plainText(text: string): string {
  return text.replace(TERMINAL_SEQUENCE, '').replace(/\r\n?/g, '\n').replace(UNSEEN, '');
}

/** The same on one line, with at most so many characters. */
export function plainLine(text: string, limit: number): string {
  // What is far beyond the limit need not be looked at.
  const line = plainText(text.slice(0, limit * 8))
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}

/** CSI, OSC and the short ones: https://ecma-international.org/publications-and-standards/standards/ecma-48/ */
const TERMINAL_SEQUENCE = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[ -/]*[0-~])/g;

const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
