import { COLOURS } from './colours.ts';

const FIRST_ROOM = 64;
/** One count for each colour of a kind, and one for failures. */
const STRIDE = COLOURS.length + 1;

/**
 * Spans that follow one another, in columns: a lane of 100,000 is searched rather than gone through, and how many of each colour
 * lie within a pixel is the difference of two rows of counts.
 */
export class Lane {
  starts = new Float64Array(FIRST_ROOM);
  /** Infinity for a step that goes on. */
  ends = new Float64Array(FIRST_ROOM);
  colours = new Uint8Array(FIRST_ROOM);
  failed = new Uint8Array(FIRST_ROOM);
  /** Places in the run's list of steps. */
  steps = new Uint32Array(FIRST_ROOM);
  count = 0;
  #counts = new Uint32Array((FIRST_ROOM + 1) * STRIDE);
  /** Counts are right up to this span. */
  #counted = 0;

  get lastEnd(): number {
    return this.ends[this.count - 1] ?? -Infinity;
  }

  /** Spans come in the order of their starts. */
  push(start: number, end: number, colour: number, failed: boolean, step: number): void {
    if (this.count === this.starts.length) this.#grow();
    const at = this.count++;
    this.starts[at] = start;
    this.ends[at] = Math.max(end, this.ends[at - 1] ?? -Infinity);
    this.colours[at] = colour;
    this.failed[at] = failed ? 1 : 0;
    this.steps[at] = step;
  }

  end(at: number, end: number, failed: boolean): void {
    this.ends[at] = Math.max(end, this.starts[at] ?? end);
    this.failed[at] = failed ? 1 : 0;
    this.#counted = Math.min(this.#counted, at);
  }

  /** The first span that ends after `time`; `count` when there is none. */
  firstEndingAfter(time: number): number {
    return firstAbove(this.ends, this.count, time);
  }

  firstStartingAfter(time: number): number {
    return firstAbove(this.starts, this.count, time);
  }

  /** The colour that most of the spans have. */
  mainColour(from: number, to: number): number {
    this.#count();
    let best = 0;
    let most = -1;
    for (let colour = 0; colour < COLOURS.length; colour++) {
      const many = this.#between(from, to, colour);
      if (many > most) [best, most] = [colour, many];
    }
    return best;
  }

  failures(from: number, to: number): number {
    this.#count();
    return this.#between(from, to, COLOURS.length);
  }

  #between(from: number, to: number, column: number): number {
    return (this.#counts[to * STRIDE + column] ?? 0) - (this.#counts[from * STRIDE + column] ?? 0);
  }

  #count(): void {
    for (let at = this.#counted; at < this.count; at++) {
      const row = at * STRIDE;
      for (let column = 0; column < STRIDE; column++) {
        const more = column === COLOURS.length ? (this.failed[at] ?? 0) : this.colours[at] === column ? 1 : 0;
        this.#counts[row + STRIDE + column] = (this.#counts[row + column] ?? 0) + more;
      }
    }
    this.#counted = this.count;
  }

  #grow(): void {
    const room = this.starts.length * 2;
    this.starts = copied(new Float64Array(room), this.starts);
    this.ends = copied(new Float64Array(room), this.ends);
    this.colours = copied(new Uint8Array(room), this.colours);
    this.failed = copied(new Uint8Array(room), this.failed);
    this.steps = copied(new Uint32Array(room), this.steps);
    this.#counts = copied(new Uint32Array((room + 1) * STRIDE), this.#counts);
  }
}

function copied<T extends { set(values: T): void }>(to: T, from: T): T {
  to.set(from);
  return to;
}

/** Place of the first value above `limit` among sorted ones. */
export function firstAbove(values: Float64Array, count: number, limit: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] ?? Infinity) > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}
