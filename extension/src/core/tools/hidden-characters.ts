/**
 * Characters that a person does not see and a model reads: controls but line breaks and tabs, what turns the direction of
 * writing, what has no width, tags (which spell ASCII in secret), variation selectors of the supplement (which carry bytes),
 * and private use.
 */
const HIDDEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}\u{f0000}-\u{10ffff}]/gu;

export function withoutHidden(text: string): string {
  return text.replace(HIDDEN, '').toWellFormed();
}

export function hasHidden(text: string): boolean {
  return withoutHidden(text) !== text;
}

/** What tag characters spell: each stands for the ASCII character with its last seven bits. */
export function spelledByTags(text: string): string {
  return Array.from(text.matchAll(/[\u{e0020}-\u{e007e}]/gu), ([character]) =>
    String.fromCodePoint((character.codePointAt(0) ?? 0) - 0xe0000),
  ).join('');
}
