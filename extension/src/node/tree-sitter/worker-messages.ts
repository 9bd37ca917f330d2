import type { Chunk } from '../../core/memory/index.ts';

/** Both ends are of one build and one process, so what arrives is what was sent. */

/** Given to the worker when it is made. */
export interface WorkerData {
  /** Places of the compiled grammars, by name without `.wasm`. */
  readonly grammars: Readonly<Record<string, string>>;
}

export interface ToWorker {
  readonly id: number;
  readonly path: string;
  readonly text: string;
}

export interface FromWorker {
  readonly id: number;
  readonly chunks: readonly Chunk[];
}
