import type { RunOrigin } from '../../../protocol/run-event.ts';
import type { RunStatus } from '../../../protocol/run-view.ts';
import type { Fact } from './fact.ts';

/**
 * Facts in columns: 100,000 runs have a million of them, which are added up within a fifth of a second only where no object is made
 * for each. Texts are numbers of a `Labels`, runs are counted from 0.
 */
const COLUMNS = {
  run: { at: 'f64', until: 'f64', run: 'u32', agent: 'u32', route: 'u32', user: 'u32', activeMs: 'u32', status: 'u8', origin: 'u8' },
  model: {
    at: 'f64', usd: 'f64', run: 'u32', agent: 'u32', route: 'u32', user: 'u32', subject: 'u32', durationMs: 'u32',
    firstTokenMs: 'u32', inputTokens: 'u32', outputTokens: 'u32', cacheReadTokens: 'u32', retries: 'u8', flags: 'u8',
  },
  tool: {
    at: 'f64', run: 'u32', agent: 'u32', route: 'u32', user: 'u32', subject: 'u32', durationMs: 'u32', retries: 'u8',
    repeats: 'u8', flags: 'u8',
  },
} as const;

type Width = 'f64' | 'u32' | 'u8';
interface ArrayOf {
  readonly f64: Float64Array;
  readonly u32: Uint32Array;
  readonly u8: Uint8Array;
}

export type FactKind = keyof typeof COLUMNS;
export type Table<K extends FactKind> = { readonly count: number } & {
  readonly [name in keyof (typeof COLUMNS)[K]]: (typeof COLUMNS)[K][name] extends Width
    ? ArrayOf[(typeof COLUMNS)[K][name]]
    : never;
};

export const FAILED = 1;
export const ESTIMATED = 2;
export const CACHED = 2;
/** In a column of milliseconds: not known. */
export const NONE = 0xffffffff;
/** The label of what the log does not say. */
export const NO_LABEL = 0;

export const STATUSES: readonly RunStatus[] = ['running', 'paused', 'succeeded', 'failed', 'stopped'];
export const ORIGINS: readonly RunOrigin['kind'][] = ['user', 'sub-run', 'fork', 'rerun', 'replay'];

/** Gives numbers to texts. */
export type LabelOf = (text: string | undefined) => number;
