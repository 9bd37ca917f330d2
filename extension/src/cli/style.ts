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
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}

export function fit(text: string, width: number): string {
  if (text.length <= width) return text.padEnd(width);
  return width > 1 ? `${text.slice(0, width - 1)}…` : text.slice(0, width);
}
