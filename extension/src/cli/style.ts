import { styleText } from 'node:util';

export type Ink = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan';

/** Colours where the stream shows them; NO_COLOR and FORCE_COLOR are honoured by Node itself. */
export function ink(stream: NodeJS.WriteStream, format: Ink, text: string): string {
  return styleText(format, text, { stream, validateStream: true });
}

/**
 * Text from models, tools and files as it may be shown in a terminal: without the control characters that could move the
 * cursor, set the title or hide what follows.
 */
export function safeText(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '');
}

/** The same, for what must stay on one line: a name, a path. */
export function safeLine(text: string): string {
  return safeText(text.replace(/\s+/g, ' '));
}

/** Cuts or pads to exactly so many columns of a terminal. */
export function fit(text: string, width: number): string {
  let used = 0;
  let kept = '';
  let cut: string | undefined;
  for (const character of text) {
    const columns = columnsOf(character);
    if (cut === undefined && used + columns > width - 1)
      cut = kept + ' '.repeat(Math.max(0, width - 1 - used));
    used += columns;
    if (used > width) return width > 0 ? `${cut ?? kept}…` : '';
    kept += character;
  }
  return kept + ' '.repeat(width - used);
}

/** Blocks of https://www.unicode.org/reports/tr11/ that take two columns, and what is drawn as an emoji. */
const WIDE =
  /^(?:[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation})/u;
const NO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]/u;

function columnsOf(character: string): number {
  if (character < '\u0300') return 1;
  if (NO_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
