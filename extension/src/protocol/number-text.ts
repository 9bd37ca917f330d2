/*
 * Numbers as text, one after the other: whole ones below 32 take one character, those below 1024 two, and so on. None of the
 * characters is changed when JSON is made of the text, which happens more than once on the way to a page.
 */

/** Five bits in each character: those that are followed by more come from here on, */
const MORE = 0x23;
/** and the last ones from here on. What is between is used for neither. */
const LAST = 0x5d;
/** Before a number that is negative or not a whole one. It stands in digits then, with its end marked by a space. */
const DIGITS = 0x4e;
const FIRST_ROOM = 4096;

export interface NumberWriter {
  add(value: number): void;
  /** ASCII text, of which the reader has to know how long it is. */
  addText(text: string): void;
  text(): string;
}

export interface NumberReader {
  next(): number;
  text(length: number): string;
}

export function writeNumbers(): NumberWriter {
  let bytes = new Uint8Array(FIRST_ROOM);
  let count = 0;
  const makeRoom = (more: number): void => {
    if (count + more <= bytes.length) return;
    const larger = new Uint8Array(Math.max(bytes.length * 2, count + more));
    larger.set(bytes);
    bytes = larger;
  };
  const addText = (text: string): void => {
    makeRoom(text.length);
    for (let at = 0; at < text.length; at++) bytes[count++] = text.charCodeAt(at);
  };
  return {
    addText,
    add: (value) => {
      if (!Number.isSafeInteger(value) || value < 0) {
        addText(`${String.fromCharCode(DIGITS)}${String(value)} `);
        return;
      }
      makeRoom(11);
      let rest = value;
      for (; rest >= 32; rest = Math.floor(rest / 32)) bytes[count++] = MORE + (rest % 32);
      bytes[count++] = LAST + rest;
    },
    text: () => new TextDecoder().decode(bytes.subarray(0, count)),
  };
}

export function readNumbers(text: string): NumberReader {
  let at = 0;
  return {
    next: () => {
      let value = 0;
      for (let scale = 1; ; scale *= 32) {
        const code = text.charCodeAt(at++);
        if (code >= LAST) return value + (code - LAST) * scale;
        if (code === DIGITS) {
          const end = text.indexOf(' ', at);
          const digits = text.slice(at, end);
          at = end + 1;
          return Number(digits);
        }
        value += (code - MORE) * scale;
      }
    },
    text: (length) => text.slice(at, (at += length)),
  };
}
