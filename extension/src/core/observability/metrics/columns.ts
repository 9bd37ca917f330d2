import type { RunStatus } from '../../../protocol/run-view.ts';
import type { Fact } from './fact.ts';

/**
 * Facts in columns: 100,000 runs have a million of them, which can be added up at once only where no object is made for each.
 * Runs and texts are numbers, which whoever keeps the columns gives out.
 */
export type Table = RunTable | ModelTable | ToolTable;
export type FactKind = Fact['kind'];

interface Shared {
  readonly count: number;
  readonly at: Float64Array;
  readonly run: Uint32Array;
  readonly agent: Uint32Array;
  readonly route: Uint32Array;
  readonly user: Uint32Array;
}

export interface RunTable extends Shared {
  readonly kind: 'run';
  readonly until: Float64Array;
  readonly activeMs: Uint32Array;
  /** A place in `STATUSES`. */
  readonly status: Uint8Array;
  readonly part: Uint8Array;
}

interface CallTable extends Shared {
  /** The model or the tool. */
  readonly subject: Uint32Array;
  readonly durationMs: Uint32Array;
  readonly retries: Uint8Array;
  readonly flags: Uint8Array;
}

export interface ModelTable extends CallTable {
  readonly kind: 'model';
  /** NaN where the cost is not known. */
  readonly usd: Float64Array;
  readonly firstTokenMs: Uint32Array;
  readonly inputTokens: Uint32Array;
  readonly outputTokens: Uint32Array;
  readonly cacheReadTokens: Uint32Array;
}

export interface ToolTable extends CallTable {
  readonly kind: 'tool';
  readonly repeats: Uint8Array;
}

export const FAILED = 1;
export const ESTIMATED = 2;
export const CACHED = 4;
export const PRICED = 8;
/** In a column of milliseconds: not known. */
export const NONE = 0xffffffff;
export const STATUSES: readonly RunStatus[] = ['running', 'paused', 'succeeded', 'failed', 'stopped'];

const WIDTHS: Readonly<Record<FactKind, number>> = { run: 38, model: 58, tool: 35 };

/** Gives out the numbers. The label of what is not known is 0. */
export interface Numbers {
  run(fact: Fact): number;
  label(text: string | undefined): number;
}

export function rowBytes(kind: FactKind): number {
  return WIDTHS[kind];
}

/** Views of the bytes. Throws where they are no whole number of rows. */
export function unpack(kind: FactKind, given: Uint8Array): Table {
  const count = given.byteLength / WIDTHS[kind];
  if (!Number.isInteger(count)) throw new Error(`${given.byteLength} bytes are no table of ${kind}`);
  const { buffer, byteOffset } = given.byteOffset % 8 === 0 ? given : given.slice();
  let offset = byteOffset;
  const next = <T>(width: number, view: (at: number) => T): T => {
    const made = view(offset);
    offset += count * width;
    return made;
  };
  // The widest come first, so that each begins where an array of its width may.
  const wide = (): Float64Array => next(8, (at) => new Float64Array(buffer, at, count));
  const whole = (): Uint32Array => next(4, (at) => new Uint32Array(buffer, at, count));
  const small = (): Uint8Array => next(1, (at) => new Uint8Array(buffer, at, count));
  switch (kind) {
    case 'run': {
      const [at, until] = [wide(), wide()];
      const shared = { kind, count, at, run: whole(), agent: whole(), route: whole(), user: whole() };
      return { ...shared, until, activeMs: whole(), status: small(), part: small() };
    }
    case 'model': {
      const [at, usd] = [wide(), wide()];
      const shared = { kind, count, at, run: whole(), agent: whole(), route: whole(), user: whole() };
      const call = { subject: whole(), durationMs: whole(), firstTokenMs: whole() };
      const tokens = { inputTokens: whole(), outputTokens: whole(), cacheReadTokens: whole() };
      return { ...shared, usd, ...call, ...tokens, retries: small(), flags: small() };
    }
    case 'tool': {
      const shared = {
        ...{ kind, count, at: wide(), run: whole(), agent: whole(), route: whole(), user: whole() },
        ...{ subject: whole(), durationMs: whole() },
      };
      return { ...shared, retries: small(), repeats: small(), flags: small() };
    }
  }
}

/** All of one kind. */
export function pack(kind: FactKind, facts: readonly Fact[], numbers: Numbers): Uint8Array {
  const bytes = new Uint8Array(facts.length * WIDTHS[kind]);
  const table = unpack(kind, bytes);
  for (const [row, fact] of facts.entries()) write(table, row, fact, numbers);
  return bytes;
}

function write(table: Table, row: number, fact: Fact, numbers: Numbers): void {
  table.at[row] = fact.at;
  table.run[row] = numbers.run(fact);
  table.agent[row] = numbers.label(fact.agent);
  table.route[row] = numbers.label(fact.route);
  table.user[row] = numbers.label(fact.user);
  if (table.kind === 'run' && fact.kind === 'run') {
    table.until[row] = fact.until;
    table.activeMs[row] = cut(fact.activeMs);
    table.status[row] = STATUSES.indexOf(fact.status);
    table.part[row] = Number(fact.isPart);
  }
  if (table.kind === 'model' && fact.kind === 'model') {
    table.subject[row] = numbers.label(fact.model);
    table.usd[row] = fact.usd ?? NaN;
    table.durationMs[row] = cut(fact.durationMs);
    table.firstTokenMs[row] = cut(fact.firstTokenMs);
    table.inputTokens[row] = cut(fact.inputTokens);
    table.outputTokens[row] = cut(fact.outputTokens);
    table.cacheReadTokens[row] = cut(fact.cacheReadTokens);
    table.retries[row] = Math.min(255, fact.retries);
    table.flags[row] =
      Number(fact.failed) * FAILED + Number(fact.estimated) * ESTIMATED + Number(fact.priced) * PRICED;
  }
  if (table.kind === 'tool' && fact.kind === 'tool') {
    table.subject[row] = numbers.label(fact.tool);
    table.durationMs[row] = cut(fact.durationMs);
    table.retries[row] = Math.min(255, fact.retries);
    table.repeats[row] = Math.min(255, fact.repeats);
    table.flags[row] = Number(fact.failed) * FAILED + Number(fact.cached) * CACHED;
  }
}

/** The tables as one, in their order. */
export function joined(kind: FactKind, parts: readonly Uint8Array[]): Uint8Array {
  const tables = parts.map((part) => unpack(kind, part));
  const count = tables.reduce((sum, table) => sum + table.count, 0);
  const bytes = new Uint8Array(count * WIDTHS[kind]);
  const columns = columnsOf(unpack(kind, bytes));
  let row = 0;
  for (const table of tables) {
    for (const [index, column] of columnsOf(table).entries()) columns[index]?.set(column, row);
    row += table.count;
  }
  return bytes;
}

/** Without the rows of the runs that are marked. */
export function without(kind: FactKind, given: Uint8Array, gone: Uint8Array): Uint8Array {
  const table = unpack(kind, given);
  const kept = [...table.run.keys()].filter((row) => gone[table.run[row] ?? 0] !== 1);
  const bytes = new Uint8Array(kept.length * WIDTHS[kind]);
  const columns = columnsOf(unpack(kind, bytes));
  for (const [index, column] of columnsOf(table).entries())
    for (const [to, row] of kept.entries()) {
      const target = columns[index];
      if (target) target[to] = column[row] ?? 0;
    }
  return bytes;
}

type Column = Float64Array | Uint32Array | Uint8Array;

function columnsOf(table: Table): Column[] {
  return Object.values({ ...table }).filter((column) => typeof column === 'object');
}

/** Clocks that went back and numbers of other programs fit too. */
function cut(value: number | undefined): number {
  if (value === undefined || Number.isNaN(value)) return NONE;
  return Math.max(0, Math.min(NONE - 1, Math.round(value)));
}

/** The row as it was given; `textOf` is the way back from a label, `runOf` that from the number of a run. */
export function factAt(
  table: Table,
  row: number,
  names: { readonly runOf: (run: number) => string; readonly textOf: (label: number) => string | undefined },
): Fact {
  const cell = (column: Column): number => column[row] ?? 0;
  const known = (column: Uint32Array): number | undefined =>
    cell(column) === NONE ? undefined : cell(column);
  const common = {
    run: names.runOf(cell(table.run)),
    at: cell(table.at),
    agent: names.textOf(cell(table.agent)) ?? '',
    route: names.textOf(cell(table.route)) ?? '',
    user: names.textOf(cell(table.user)),
  };
  switch (table.kind) {
    case 'run': {
      const status = STATUSES[cell(table.status)] ?? 'running';
      const [until, activeMs, isPart] = [cell(table.until), cell(table.activeMs), cell(table.part) === 1];
      return { kind: 'run', ...common, status, until, activeMs, isPart };
    }
    case 'model': {
      const usd = cell(table.usd);
      return {
        ...{ kind: 'model', ...common, model: names.textOf(cell(table.subject)) },
        ...{ durationMs: known(table.durationMs), firstTokenMs: known(table.firstTokenMs) },
        ...{ inputTokens: cell(table.inputTokens), outputTokens: cell(table.outputTokens) },
        ...{ cacheReadTokens: cell(table.cacheReadTokens), usd: Number.isNaN(usd) ? undefined : usd },
        ...{ retries: cell(table.retries), estimated: (cell(table.flags) & ESTIMATED) !== 0 },
        priced: (cell(table.flags) & PRICED) !== 0,
        failed: (cell(table.flags) & FAILED) !== 0,
      };
    }
    case 'tool': {
      const flags = cell(table.flags);
      return {
        ...{ kind: 'tool', ...common, tool: names.textOf(cell(table.subject)) ?? '' },
        ...{ durationMs: known(table.durationMs) ?? 0, cached: (flags & CACHED) !== 0 },
        ...{ retries: cell(table.retries), repeats: cell(table.repeats), failed: (flags & FAILED) !== 0 },
      };
    }
  }
}
