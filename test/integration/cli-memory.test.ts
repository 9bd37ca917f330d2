import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { Json } from '../../extension/src/base/json.ts';
import { folderHome } from '../../extension/src/node/home.ts';
import { openRunStore } from '../../extension/src/node/sqlite/index.ts';
import { cliWorld } from '../support/cli.ts';
import type { CliWorld } from '../support/cli.ts';
import { embeddingServer } from '../support/embedding-server/index.ts';
import { inputFor } from '../support/small-world.ts';

const RUN = 'r-0000000000000001';
const TASK = 'Round the prices of the invoice';

/** A run that ended in a process that is gone. */
function leaveRun({ home, workspace }: CliWorld): void {
  const storage = folderHome(home, workspace);
  mkdirSync(storage, { recursive: true });
  const store = openRunStore(path.join(storage, 'runs.db'), Date.now);
  try {
    const { lease } = store.begin(RUN, {
      ...{ type: 'run.started', origin: { kind: 'user' }, agent: 'coder', task: TASK, folder: workspace },
      ...{ route: 'code', isolation: 'copy', strata: 'test' },
      input: { inline: structuredClone(inputFor(TASK)) as unknown as Json },
    });
    const step = { step: '1', effect: 'read', inputHash: 'x', input: { inline: {} }, attempt: 1 } as const;
    store.append(lease, [
      { type: 'step.started', kind: 'snapshot', name: 'workspace', ...step },
      { type: 'step.finished', step: '1', output: { inline: { tree: 'a', files: 1 } }, durationMs: 1 },
      { type: 'run.finished', outcome: 'failed', error: { code: 'x', message: 'The model was gone.' } },
    ]);
    store.release(lease);
  } finally {
    store.dispose();
  }
}

test('what is remembered is listed, rated, explained and forgotten from a terminal', async (t) => {
  const world = cliWorld(t);
  leaveRun(world);
  const say = async (...words: string[]): Promise<string> => {
    const { code, out, err } = await world.strata('memory', ...words);
    assert.equal(code, 0, err);
    return out;
  };
  assert.match(await say(), new RegExp(`^${RUN} {2}failed .*${TASK}`, 'm'));
  assert.match(await say('rate', 'last', 'down', '-m', 'Round half up.'), /^Kept with run r-/);
  const shown = await say('show', RUN.slice(-6));
  for (const line of ['Because  The model was gone.', 'Verdict  down', 'You said Round half up.'])
    assert.ok(shown.includes(line), shown);
  assert.match(await say('recall', 'round prices'), /corrected; shares round, prices/);

  await say('add', 'Prices are whole cents.');
  const { notes } = JSON.parse(await say('list', '--json')) as { readonly notes: readonly { id: string }[] };
  const [note] = notes;
  assert.ok(note);
  await say('pin', note.id);
  const file = path.join(world.workspace, '.strata/memory.md');
  assert.match(readFileSync(file, 'utf8'), /\n\n- Prices are whole cents\.\n {2}<!-- pinned -->\n$/);

  assert.match(await say('forget', RUN, note.id), /^Forgotten: 1 of 1 runs, 1 notes/);
  assert.equal(await say(), 'Nothing is remembered yet. What runs did is kept when they end.\n');
  assert.equal(await say('rebuild'), '0 runs are kept, made again from their logs.\n');
  assert.ok(!readFileSync(file, 'utf8').includes('cents'));
  for (const wrong of [['rate', RUN], ['rate', RUN, 'sideways'], ['show'], ['dream'], ['recall']])
    assert.equal((await world.strata('memory', ...wrong)).code, 2, wrong.join(' '));
});

test('an embedder that a variable chooses finds what is said in other words', async (t) => {
  const world = cliWorld(t);
  const server = await embeddingServer(t);
  server.dimension = 256;
  world.write('price.ts', 'export function applyDiscount(customer, total) {\n  return total * 0.9;\n}\n');
  world.write('auth.ts', 'export function login(name, password) {\n  return open(name, password);\n}\n');
  const search = async (): Promise<string> => {
    const { code, out, err } = await world.strata('search', 'rebate for a shopper');
    assert.equal(code, 0, err);
    return out;
  };
  assert.equal((await world.strata('index')).code, 0);
  assert.doesNotMatch(await search(), /applyDiscount/);

  world.env['STRATA_EMBEDDER'] = JSON.stringify({ provider: 'ollama', model: 'm', baseUrl: server.origin });
  assert.equal((await world.strata('index')).code, 0);
  assert.match(await search(), /price\.ts.*applyDiscount/);
  assert.ok(server.asked.length > 0 && server.asked.every(({ model }) => model === 'm'));

  world.env['STRATA_EMBEDDER'] = 'nothing-known/m';
  const { code, out, err } = await world.strata('search', 'customer total');
  assert.equal(code, 0);
  assert.match(err, /STRATA_EMBEDDER.*\n.*Until then search is by keyword/);
  assert.match(out, /applyDiscount/);
});
