// Each step is on the disk before the next one begins (durability `sync`), as it is in Strata.
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SqliteSaver } from '@langchain/langgraph-checkpoint-sqlite';
import { measured } from '../measured.ts';
import { runGraph } from './langgraph-loop.mjs';

await measured((loop) => {
  const { folder } = loop;
  mkdirSync(folder, { recursive: true });
  const saver = SqliteSaver.fromConnString(join(folder, 'checkpoints.db'));
  return {
    run: () => runGraph(loop, saver),
    size: () => readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0),
    close: () => saver.db.close(),
  };
});
