import type * as z from 'zod';
import type { IndexProgress, SharedPlace } from '../../core/memory/index.ts';
import type { CallShape } from './call-shape.ts';
import type { Native } from './load.ts';

/** One kind of call as the memory process answers it. */
export interface Handler {
  readonly shape: CallShape;
  serve(body: unknown, call: ServedCall): Promise<unknown>;
}

export interface ServedCall {
  readonly signal: AbortSignal;
  /** May be called as often as one likes; few of them are sent. */
  readonly onProgress: (progress: IndexProgress) => void;
}

export function handler<Q extends z.ZodType, R extends z.ZodType>(
  shape: CallShape<Q, R>,
  serve: (body: z.output<Q>, call: ServedCall) => Promise<z.input<R>>,
): Handler {
  return { shape, serve: async (body, call) => await serve(shape.request.parse(body), call) };
}

/** What each part of the memory process is given. */
export interface PartContext {
  readonly native: Native;
  readonly place: Place;
  /** State, index or episodes have changed: those who watch are told, at most some times a second. */
  readonly changed: () => void;
}

export interface Place {
  readonly folder: string;
  readonly storageDir: string;
  /** How long a write waits for another process's write to end. */
  readonly lockWaitMs: number;
  /** See `MemoryLimits`. */
  readonly quietMs: number;
  readonly oldVersionsMs: number;
  /** Where the tables lie, when that is not in `storageDir`: other machines read and write them, too. */
  readonly shared?: SharedPlace;
}
