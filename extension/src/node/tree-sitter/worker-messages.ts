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

/** The thread has loaded what it needs: the time that it takes until then is no sign of a file that it hangs at. */
export interface WorkerReady {
  readonly ready: true;
}

export interface CutFile {
  readonly id: number;
  readonly chunks: readonly Chunk[];
  /** The name of a compiled grammar, or of the parser, that should have been used and cannot be loaded. */
  readonly lacking?: string;
}

export type FromWorker = WorkerReady | CutFile;
