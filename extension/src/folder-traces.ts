import type { Disposable } from './base/disposable.ts';
import type { ImportedTrace, Receiver } from './node/otlp/index.ts';
import type { ReadingFile } from './node/otlp/read-file.ts';
import type { RunStore } from './node/sqlite/index.ts';

/** Traces of other programs as runs of the folder. */
export interface FolderTraces {
  /** Reads a file of OTLP. Throws what says why it cannot be read. */
  importTraces(file: string, reading: ReadingFile): Promise<ImportedFile>;
  /** Takes traces from programs of this machine until it is closed. Throws `receiver-no-port`. */
  receiveTraces(note: (text: string) => void): Promise<Receiver>;
}

export interface ImportedFile {
  readonly runs: readonly ImportedTrace[];
  readonly spans: number;
  /** Spans and lines that make no sense and were left out. */
  readonly unreadable: number;
}

export interface FolderTracesParts {
  readonly store: RunStore;
  readonly folder: string;
  readonly version: string;
  /** Of spans that were received, until their trace is whole. */
  readonly keptPath: string;
  readonly after: (ms: number, callback: () => void) => Disposable;
}

/** With what it opened, which is to be closed before the log. */
export function folderTraces(parts: FolderTracesParts): FolderTraces & { dispose(): Promise<void> } {
  const { store, folder, version, keptPath, after } = parts;
  const open = new Set<Receiver>();
  const load = async () => {
    const [otlp, { createPriceList }] = await Promise.all([
      import('./node/otlp/index.ts'),
      import('./node/providers/prices/index.ts'),
    ]);
    return { otlp, ports: { store, folder, version, price: createPriceList() } };
  };
  return {
    importTraces: async (file, reading) => {
      const { otlp, ports } = await load();
      const { spans, unreadable } = await otlp.readTraceFile(file, reading);
      const runs = await otlp.importTraces(spans, ports, { signal: reading.signal });
      return { runs, spans: spans.length, unreadable };
    },
    receiveTraces: async (note) => {
      const { otlp, ports } = await load();
      const kept = otlp.openKeptSpans(keptPath);
      const receiver = await otlp.receiveTraces({ ...ports, kept, now: Date.now, after, note });
      open.add(receiver);
      return {
        ...receiver,
        close: async () => {
          open.delete(receiver);
          await receiver.close();
        },
      };
    },
    dispose: async () => {
      await Promise.all([...open].map((receiver) => receiver.close()));
    },
  };
}
