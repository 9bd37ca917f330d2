import type * as z from 'zod';
import type { IndexProgress } from '../../core/memory/index.ts';
import type { CallShape } from './call-shape.ts';

export interface AskOptions {
  readonly signal: AbortSignal | undefined;
  /** Without an answer or a sign of progress for so long, the process counts as stuck and is ended. */
  readonly limitMs: number;
  /** How often it is asked, where the process dies of it. One that writes is asked once. */
  readonly tries: number;
  readonly onProgress?: (progress: IndexProgress) => void;
}

/** One call to the memory process, which is started for it where it does not run. */
export type Ask = <Q extends z.ZodType, R extends z.ZodType>(
  shape: CallShape<Q, R>,
  body: z.input<Q>,
  options: AskOptions,
) => Promise<z.output<R>>;
