import { randomBytes } from 'node:crypto';
import type { RunId } from '../protocol/run-event.ts';

/** Crockford's alphabet: no letters that are read for one another. https://www.crockford.com/base32.html */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** `r-`, nine characters of time in milliseconds, so that ids sort by it, and seven of chance. */
export function newRunId(now: number): RunId {
  return runIdFor(now, randomBytes(7));
}

/** The same for the same time and bytes, of which the first seven count. */
export function runIdFor(now: number, bytes: Uint8Array): RunId {
  let time = '';
  for (let rest = Math.floor(now); time.length < 9; rest = Math.floor(rest / 32)) {
    time = ALPHABET.charAt(rest % 32) + time;
  }
  const chance = [...bytes.subarray(0, 7)].map((byte) => ALPHABET.charAt(byte % 32)).join('');
  return `r-${time}${chance}`;
}
