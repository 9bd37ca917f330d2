import path from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { openRunStore } from '../../extension/src/node/sqlite/index.ts';

/** Opens the run log of each round at the moment at which all workers are let go, and reports what came of it. */
const { folder, round } = workerData as { readonly folder: string; readonly round: Int32Array };

for (let last = 0; ;) {
  Atomics.wait(round, 0, last);
  last = Atomics.load(round, 0);
  if (last < 0) break;
  try {
    const store = openRunStore(path.join(folder, String(last), 'runs.db'), Date.now);
    store.list();
    store.dispose();
    parentPort?.postMessage('opened');
  } catch (error) {
    parentPort?.postMessage(String(error));
  }
}
