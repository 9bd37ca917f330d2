import type { Json } from '../../base/json.ts';
import { canonicalJson } from '../../base/json.ts';
import { matchesPattern } from './name-pattern.ts';

/**
 * Whether the values of an argument fit one of the patterns, in which `*` stands for any run of characters, line breaks too.
 * What the argument is called says how it is read:
 *
 * - `command`: command by command, as a shell would part them, with any white space as one space. `git push*` is found in
 *   `cd x &&  git push`, and `npm test*` does not allow `npm test; curl …`. Quotes, variables and scripts can hide any
 *   command from this, so it guides an agent and stops no attacker: the sandbox does that.
 * - a path: without `.` and `..`, and relative to the workspace. `*` stays within a folder and `**` does not.
 * - an address: as browsers write it. `*` before the path stays within the host's name.
 *
 * With `every`, all values and all commands must fit; no value at all fits nothing.
 */
export function holdsFor(
  argument: string,
  patterns: readonly string[],
  values: readonly Json[],
  how: 'every' | 'some',
): boolean {
  const reading = readingOf(argument);
  const texts = values.flatMap((value) => reading.texts(textOf(value), how));
  const fits = (text: string): boolean => patterns.some((pattern) => reading.matches(pattern, text));
  return how === 'every' ? texts.length > 0 && texts.every(fits) : texts.some(fits);
}

interface Reading {
  /** The parts of a value that are matched each by itself. */
  texts(value: string, how: 'every' | 'some'): readonly string[];
  matches(pattern: string, text: string): boolean;
}

function readingOf(argument: string): Reading {
  if (/^(command|cmd|script)s?$/i.test(argument)) return command;
  if (/^(ur[il]s?|href)$/i.test(argument)) return address;
  if (/^(from|to|source|destination|cwd|dir(ector(y|ies))?|folders?|files?)$|paths?$/i.test(argument))
    return path;
  return plain;
}

const plain: Reading = {
  texts: (value) => [oneSpaced(value)],
  matches: (pattern, text) => matchesPattern(oneSpaced(pattern), text),
};

const command: Reading = {
  texts: (value, how) => {
    const parts = value
      .replace(/\d*>&\d+/g, ' ')
      .split(/[;&|\n\r`(){}]/)
      .flatMap((part) => oneSpaced(part) || []);
    // A pattern of what is not wanted may speak of several commands at once.
    return how === 'some' ? [...parts, oneSpaced(value)] : parts;
  },
  matches: (pattern, text) => matchesPattern(oneSpaced(pattern), text),
};

const path: Reading = {
  texts: (value) => [normalPath(value)],
  matches: (pattern, text) => globOf(normalPath(pattern), '[^/]*').test(text),
};

const address: Reading = {
  texts: (value) => [URL.canParse(value) ? new URL(value).href : value],
  matches: (pattern, text) => {
    const [, origin = '', rest = ''] = /^([^/]*(?:\/\/[^/?#]*)?)([^]*)$/.exec(pattern) ?? [];
    return new RegExp(`^${escaped(origin, '[^/?#@]*')}${escaped(rest || '/', '[^]*')}$`).test(text);
  },
};

function textOf(value: Json): string {
  return typeof value === 'string' ? value : canonicalJson(value);
}

function oneSpaced(text: string): string {
  // Invisible characters would part a word for this and not for a reader.
  return text
    .replace(/\p{Cf}/gu, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Relative to the workspace, which is `/workspace` in a container; what leads out of it begins with `..` or `/`. */
function normalPath(text: string): string {
  const inside = text.replace(/^file:\/\//, '').replace(/^\/workspace(?=\/|$)\/*/, './');
  const rooted = inside.startsWith('/');
  const parts: string[] = [];
  for (const part of inside.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (!rooted) parts.push('..');
  }
  const joined = (rooted ? '/' : '') + parts.join('/');
  return /^\/workspace(\/|$)/.test(joined) ? joined.slice('/workspace/'.length) || '.' : joined || '.';
}

/** `src/**` holds `src` itself too. */
function globOf(pattern: string, star: string): RegExp {
  const source = pattern
    .split(/(\/\*\*$|\*\*\/|\*\*)/)
    .map((part) => {
      if (part === '/**') return '(?:/[^]*)?';
      if (part === '**/') return '(?:[^]*/)?';
      return part === '**' ? '[^]*' : escaped(part, star);
    })
    .join('');
  return new RegExp(`^${source}$`);
}

function escaped(pattern: string, star: string): string {
  return pattern
    .split('*')
    .map((part) => part.replace(/[\\^$.+?()[\]{}|/-]/g, '\\$&'))
    .join(star);
}
