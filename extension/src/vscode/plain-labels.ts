import { plainLine, plainText } from '../core/orchestration/walk/plain-text.ts';

/** A text of a server as one line in a list: without control characters, and with `$(x)` as it is written, not as an icon. */
export function listLine(text: string, limit = 200): string {
  return plainLine(text, limit).replace(/\$\((?=[a-z0-9~-]+\))/gi, '\\$(');
}

/** A text of a server in a dialog, which shows it as it is. */
export function dialogText(text: string, limit = 4000): string {
  const plain = plainText(text);
  return plain.length > limit ? `${plain.slice(0, limit - 1)}…` : plain;
}
