/**
 * A regular expression that is read in time proportional to the text, whatever a file says: all states of an automaton
 * are followed at once (Thompson 1968, https://swtch.com/~rsc/regexp/regexp1.html), in place of one way after the other
 * as JavaScript's own engine does, which a pattern such as `(a+)+b` keeps busy for years.
 *
 * It knows characters, `.`, `[…]`, `\d \w \s` and their opposites, `\b`, `^`, `$` (of a line), `|`, `( )`, `*`, `+`, `?`
 * and `{n,m}`. What needs the memory of a match (`\1`) or a look around it is not known.
 */
export interface Pattern {
  test(text: string): boolean;
}

export const MOST_PATTERN_CHARACTERS = 200;
const MOST_STATES = 500;

/** Throws an `Error` in words for the author. */
export function compilePattern(source: string, ignoreCase: boolean): Pattern {
  if (source.length > MOST_PATTERN_CHARACTERS) {
    throw new Error(`a pattern may have ${MOST_PATTERN_CHARACTERS} characters`);
  }
  // The parser below is lenient about what JavaScript refuses, and people know JavaScript's.
  try {
    new RegExp(source, 'm');
  } catch (error) {
    throw new Error(
      `it is no regular expression: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  }
  const states: State[] = [];
  const start = build(parse(source), states, add(states, { kind: 'end' }));
  return { test: (text) => run(states, start, text, ignoreCase) };
}

type State =
  | { readonly kind: 'end' }
  | { readonly kind: 'one'; readonly fits: RegExp; readonly next: number }
  | { readonly kind: 'at'; readonly place: 'start' | 'end' | 'word' | 'inside'; readonly next: number }
  | { readonly kind: 'split'; next: number; readonly other: number };

type Tree =
  | { readonly kind: 'one'; readonly source: string }
  | { readonly kind: 'at'; readonly place: 'start' | 'end' | 'word' | 'inside' }
  | { readonly kind: 'all'; readonly parts: readonly Tree[] }
  | { readonly kind: 'any'; readonly parts: readonly Tree[] }
  | { readonly kind: 'repeat'; readonly part: Tree; readonly least: number; readonly most: number };

const ANCHORS: Readonly<Record<string, Extract<Tree, { kind: 'at' }>['place']>> = {
  '^': 'start',
  $: 'end',
  '\\b': 'word',
  '\\B': 'inside',
};

/** A character, an escape, a class, or one of the signs. */
const TOKEN =
  /\(\?:|\(\?|\[(?:\\[\s\S]|[^\]\\])*\]|\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|[\s\S])|\{\d+(?:,\d*)?\}|[\s\S]/y;

function parse(source: string): Tree {
  const tokens = source.match(new RegExp(TOKEN.source, 'g')) ?? [];
  let at = 0;
  const alternatives = (): Tree => {
    const parts = [sequence()];
    while (tokens[at] === '|') {
      at += 1;
      parts.push(sequence());
    }
    return parts.length === 1 && parts[0] ? parts[0] : { kind: 'any', parts };
  };
  const sequence = (): Tree => {
    const parts: Tree[] = [];
    for (let token = tokens[at]; token !== undefined && token !== '|' && token !== ')'; token = tokens[at]) {
      at += 1;
      parts.push(repeated(atom(token)));
    }
    return { kind: 'all', parts };
  };
  const atom = (token: string): Tree => {
    if (token === '(' || token === '(?:') {
      const inner = alternatives();
      at += 1;
      return inner;
    }
    if (token === '(?') throw new Error('it may not look around (“(?…”)');
    if (/^\\[1-9k]/.test(token)) throw new Error('it may not refer to a group (“\\1”)');
    if (/^\\[pPcux](?![\da-fA-F])/.test(token)) throw new Error(`“${token}” is not known here`);
    const place = ANCHORS[token];
    return place ? { kind: 'at', place } : { kind: 'one', source: token };
  };
  const repeated = (part: Tree): Tree => {
    const token = tokens[at];
    const [, least, comma, most] = /^\{(\d+)(,?)(\d*)\}$/.exec(token ?? '') ?? [];
    const counts: Readonly<Record<string, readonly [number, number]>> = {
      '*': [0, Infinity],
      '+': [1, Infinity],
      '?': [0, 1],
    };
    const count =
      least === undefined
        ? counts[token ?? '']
        : ([Number(least), comma === '' ? Number(least) : most ? Number(most) : Infinity] as const);
    if (!count) return part;
    at += 1;
    // Whether it takes as much or as little as it can makes no difference to whether it fits.
    if (tokens[at] === '?') at += 1;
    return { kind: 'repeat', part, least: count[0], most: count[1] };
  };
  return alternatives();
}

function add(states: State[], state: State): number {
  if (states.length >= MOST_STATES) throw new Error('it repeats too much');
  return states.push(state) - 1;
}

/** Adds the states for a tree that is followed by `next`, and returns the first of them. */
function build(tree: Tree, states: State[], next: number): number {
  switch (tree.kind) {
    case 'one':
      // Dot and classes as JavaScript reads them, one character at a time.
      return add(states, { kind: 'one', fits: new RegExp(`^(?:${escapeBrace(tree.source)})$`), next });
    case 'at':
      return add(states, { kind: 'at', place: tree.place, next });
    case 'all':
      return tree.parts.reduceRight((after, part) => build(part, states, after), next);
    case 'any':
      return tree.parts
        .map((part) => build(part, states, next))
        .reduceRight((other, first) => add(states, { kind: 'split', next: first, other }));
    case 'repeat': {
      let after = next;
      if (tree.most === Infinity) {
        const loop: Extract<State, { kind: 'split' }> = { kind: 'split', next, other: next };
        after = add(states, loop);
        loop.next = build(tree.part, states, after);
      } else {
        for (let i = tree.least; i < tree.most; i++) {
          after = add(states, { kind: 'split', next: build(tree.part, states, after), other: next });
        }
      }
      for (let i = 0; i < tree.least; i++) after = build(tree.part, states, after);
      return after;
    }
  }
}

/** A brace that counts nothing stands for itself. */
function escapeBrace(source: string): string {
  return /^[{}\]]$/.test(source) ? `\\${source}` : source;
}

function run(states: readonly State[], start: number, text: string, ignoreCase: boolean): boolean {
  let now = new Set<number>();
  for (let index = 0; index <= text.length; index++) {
    // A match may begin anywhere.
    if (follow(states, start, text, index, now)) return true;
    const next = new Set<number>();
    const character = text[index];
    if (character === undefined) return false;
    const forms = ignoreCase
      ? [...new Set([character, character.toLowerCase(), character.toUpperCase()])]
      : [character];
    for (const id of now) {
      const state = states[id];
      if (state?.kind !== 'one' || !forms.some((form) => state.fits.test(form))) continue;
      if (follow(states, state.next, text, index + 1, next)) return true;
    }
    now = next;
  }
  return false;
}

/** Adds what is reached without reading a character. True when that is the end. */
function follow(
  states: readonly State[],
  from: number,
  text: string,
  index: number,
  reached: Set<number>,
): boolean {
  const waiting = [from];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (reached.has(id)) continue;
    reached.add(id);
    const state = states[id];
    if (state?.kind === 'end') return true;
    if (state?.kind === 'split') waiting.push(state.other, state.next);
    if (state?.kind === 'at' && isAt(state.place, text, index)) waiting.push(state.next);
  }
  return false;
}

function isAt(place: Extract<State, { kind: 'at' }>['place'], text: string, index: number): boolean {
  if (place === 'start') return index === 0 || text[index - 1] === '\n';
  if (place === 'end') return index === text.length || text[index] === '\n';
  const edge = /\w/.test(text[index - 1] ?? '') !== /\w/.test(text[index] ?? '');
  return place === 'word' ? edge : !edge;
}
