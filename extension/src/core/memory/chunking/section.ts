/** Lines `start` to `end` (0-based, `end` excluded) that belong to one definition, or to none. */
export interface Section {
  readonly start: number;
  readonly end: number;
  readonly symbol?: string;
}

/**
 * Runs of one-line definitions (constants, overloads, settings) become one section of at most 20 lines, and a bare class
 * head goes with its first member: alone they would be hits without content.
 */
export function joinTiny(sections: readonly Section[]): Section[] {
  const joined: Section[] = [];
  // Whether the last of them began with a tiny one, so that further tiny ones may follow.
  let open = false;
  for (const section of sections) {
    const last = joined.at(-1);
    const head = last?.symbol !== undefined && section.symbol?.startsWith(`${last.symbol}.`) === true;
    const joins =
      last !== undefined &&
      (head ? isTiny(last) : isTiny(section) && open && section.end - last.start <= MOST_JOINED_LINES);
    if (joins) {
      const symbol = head ? section.symbol : (last.symbol ?? section.symbol);
      joined[joined.length - 1] = sectionOf(last.start, section.end, symbol);
      open = open && isTiny(section);
    } else {
      joined.push(section);
      open = isTiny(section);
    }
  }
  return joined;
}

export function sectionOf(start: number, end: number, symbol: string | undefined): Section {
  return { start, end, ...(symbol === undefined ? {} : { symbol }) };
}

function isTiny(section: Section): boolean {
  return section.end - section.start <= TINY_LINES;
}

const TINY_LINES = 3;
const MOST_JOINED_LINES = 20;
