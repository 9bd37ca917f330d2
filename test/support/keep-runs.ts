import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { folderHome } from '../../extension/src/node/home.ts';
import { openRunStore } from '../../extension/src/node/sqlite/index.ts';
import type { RunEvent, RunEventBody } from '../../extension/src/protocol/run-event.ts';
import type { WalkedLog } from './walked-runs.ts';

/** Writes the runs into the log that a window keeps for this folder. Times become those of the writing. */
export function keepRuns(log: WalkedLog, home: string, folder: string): void {
  const storage = folderHome(home, folder);
  mkdirSync(storage, { recursive: true });
  const store = openRunStore(path.join(storage, 'runs.db'), Date.now);
  try {
    for (const run of log.runs.values()) {
      const [first, ...rest] = run.events.map(bodyOf);
      if (first?.type !== 'run.started') throw new Error(`${run.id} does not begin with its start`);
      for (const text of run.blobs.values()) store.putBlob(text);
      const { lease } = store.begin(run.id, first);
      store.append(lease, rest);
      store.release(lease);
    }
  } finally {
    store.dispose();
  }
}

function bodyOf({ v: _v, run: _run, seq: _seq, at: _at, ...body }: RunEvent): RunEventBody {
  return body;
}
