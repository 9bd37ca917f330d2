import { DatabaseSync } from 'node:sqlite';
import { startRun } from '../../../../extension/src/core/orchestration/index.ts';
import { measured } from '../measured.ts';
import { openStrataWorld, runInput } from '../strata-world.ts';

await measured((loop) => {
  const { store, environment, log } = openStrataWorld(loop);
  // As the views of the editor: told of each event after its commit.
  let shown = 0;
  store.onDidAppend((events) => void (shown += events.length));
  return {
    run: async () => {
      const end = await startRun(environment, runInput(loop.contextTokens)).ended;
      if (end.status !== 'succeeded') throw new Error(`The run ${end.status}`, { cause: end.error });
      if (shown < 4 * loop.steps) throw new Error(`Only ${shown} events were shown`);
      return end.answer ?? '';
    },
    size: () => sizeOf(log),
    close: () => store.dispose(),
  };
});

/** Of the database with what still waits in its write-ahead log. */
function sizeOf(file: string): number {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const number = (name: string): number => Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
    return (number('page_count') - number('freelist_count')) * number('page_size');
  } finally {
    database.close();
  }
}
