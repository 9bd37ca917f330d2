import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { Episode, Memory, Recalled } from '../../extension/src/core/memory/index.ts';
import { limit, place } from './memory-fixture.ts';

const DAY = 86_400_000;

function episode(run: string, at: number, task: string, more: Partial<Episode> = {}): Episode {
  return {
    ...{ run, at, agent: 'coder', task, outcome: 'succeeded', answer: "It's done; all tests pass." },
    ...{ files: ['src/cart.ts'], failures: ['shell_run: refused'], seenAt: at },
    ...more,
  };
}

async function recalled(memory: Memory, query: string, most = 5): Promise<string[]> {
  return (await memory.recall(query, { limit: most, signal: limit() })).map(nameOf);
}

function nameOf(one: Recalled): string {
  if (one.kind === 'note') return one.id;
  return [one.run, ...(one.alike ?? []).map(({ run }) => run)].join('+');
}

test('a task that is run again and again is one entry, however common its words are', async (t) => {
  const { open } = place(t);
  const task = 'Make the failing test pass';
  const answer = 'The failing test passes: the test failed on a wrong test of the test data.';
  const now = Date.now();
  for (const at of [1, 2, 3]) {
    const memory = open();
    await memory.remember(episode(`r-${at}`, now + at, task, { answer }));
    const [first] = await memory.recall(task, { limit: 5, signal: limit() });
    assert.ok(first !== undefined && first.kind !== 'note');
    assert.equal(first.run, `r-${at}`);
    assert.equal(first.alike?.length ?? 0, at - 1);
    await memory.dispose();
  }
});

test('runs are recalled by the words of a task, with the reason; what was corrected comes first', async (t) => {
  const memory = place(t).open();
  assert.deepEqual(await recalled(memory, 'discount'), []);
  const now = Date.now();
  const corrected = { correction: 'Round the discount half up.', verdict: 'down' as const };
  await memory.remember(
    episode('r-old', now - 9, 'Fix the cart discount'),
    episode('r-new', now - 8, 'Fix the cart discount'),
    episode('r-till', now - 7, 'Print the discount in the till', { files: ['src/till.ts'] }),
    episode('r-said', now - 6, 'Show the discount of a cart in the list', corrected),
    episode('r-other', now - 5, 'Write the changelog', { files: [], failures: [] }),
  );
  await memory.remember(episode('r-old', now - 9, 'Fix the cart discount'));
  assert.deepEqual(await recalled(memory, 'why is the discount in the cart wrong?'), [
    'r-said',
    'r-new+r-old',
    'r-till',
  ]);
  const [said] = await memory.recall('the discount in src/cart.ts', { limit: 1, signal: limit() });
  assert.deepEqual(said?.why, {
    words: ['discount', 'src', 'cart', 'ts'],
    files: ['src/cart.ts'],
    verdict: 'corrected',
  });
  assert.equal((await memory.stats()).episodes, 5);
});

test('what is old and of no use fades behind what is used', async (t) => {
  const memory = place(t).open();
  const now = Date.now();
  await memory.remember(
    episode('r-unused', now - 400 * DAY, 'Sort the invoices by their date'),
    episode('r-used', now - 401 * DAY, 'Sort the invoices by their customer and name'),
    episode('r-later', now - DAY, 'Write a parser for numbers', { recalled: ['r-used'] }),
  );
  assert.deepEqual(await recalled(memory, 'sort the invoices'), ['r-used', 'r-unused']);
});

test('a list has the newest first, page by page, and can be searched', async (t) => {
  const memory = place(t).open();
  assert.deepEqual(await memory.episodes({ limit: 3 }), []);
  const all = [1, 2, 3, 4].map((at) => episode(`r-${at}`, at, `Task number ${'abcd'[at - 1] ?? ''}`));
  await memory.remember(...all);
  const runs = async (options: Parameters<Memory['episodes']>[0]): Promise<string[]> =>
    (await memory.episodes(options)).map(({ run }) => run);
  assert.deepEqual(await runs({ limit: 2 }), ['r-4', 'r-3']);
  assert.deepEqual(await runs({ limit: 2, before: 3 }), ['r-2', 'r-1']);
  assert.deepEqual(await runs({ limit: 9, query: 'b' }), ['r-2']);
  assert.deepEqual((await memory.episodes({ limit: 1 }))[0], all[3]);
  assert.deepEqual(
    [...(await memory.seenEpisodes(limit()))].sort(),
    all.map(({ run, at }) => [run, at]),
  );
});

test('a run that is forgotten leaves no byte behind: not in the table, its indexes, its older versions, or what was set aside', async (t) => {
  const { open, storageDir } = place(t);
  const memory = open();
  const secret = 'zebracorn';
  const others = Array.from({ length: 40 }, (_, at) => episode(`r-${at}`, at, `Sort list number ${at}`));
  await memory.remember(...others);
  await memory.remember(
    episode('r-quagga', 50, `Teach the ${secret} to dance`, {
      answer: `The ${secret} dances.`,
      correction: `It is called ${secret}.`,
    }),
  );
  const aside = path.join(storageDir, 'episodes.aside-1');
  mkdirSync(aside);
  writeFileSync(path.join(aside, 'old'), secret);
  assert.ok(filesWith(storageDir, 'quagga').length > 1, 'it is on the disk');

  assert.deepEqual(await memory.forget({ runs: ['r-quagga', 'r-nobody'] }), { removed: 1 });
  for (const word of [secret, 'quagga']) assert.deepEqual(filesWith(storageDir, word), [], word);
  assert.deepEqual(await recalled(memory, `teach the ${secret}`), []);
  assert.equal((await memory.stats()).episodes, 40);
  assert.deepEqual(await recalled(memory, 'sort list number 7', 1), ['r-7']);
  assert.deepEqual(await memory.forget({ runs: ['r-quagga'] }), { removed: 0 });

  await memory.forget({ runs: others.map(({ run }) => run) });
  assert.deepEqual(await memory.episodes({ limit: 9 }), []);
  await memory.remember(episode('r-again', 60, 'Sort list number 7'));
  assert.deepEqual(await recalled(memory, 'sort list number 7'), ['r-again']);
});

test('forgetting that was cut off is finished by the next write', async (t) => {
  const { open, storageDir } = place(t);
  const memory = open();
  await memory.remember(episode('r-1', 1, 'Sort the list'));
  writeFileSync(path.join(storageDir, 'episodes', 'forgetting'), '');
  await memory.remember(episode('r-2', 2, 'Print the list'));
  assert.ok(!readdirSync(path.join(storageDir, 'episodes')).includes('forgetting'));
  assert.deepEqual(await recalled(memory, 'print the list'), ['r-2', 'r-1']);
});

function filesWith(folder: string, word: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(path.join(folder, name)).isFile())
    .filter((name) => name.includes(word) || readFileSync(path.join(folder, name)).includes(word));
}
