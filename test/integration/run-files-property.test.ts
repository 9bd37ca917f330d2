import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { openRunFiles } from '../../extension/src/node/git/index.ts';
import { contents, live, start } from './run-files-world.ts';

/** `npm run test:soak` tries more of them. */
const SEEDS = process.env['STRATA_SOAK'] === '1' ? [1, 2, 3, 4, 5, 6] : [1];
const ROUNDS = 12;
const CHANGES = 6;

for (const seed of SEEDS) {
  test(`a snapshot that reads only what changed equals one from scratch (seed ${seed})`, async (t) => {
    const random = generator(seed);
    const world = await start(t, Object.fromEntries(Array.from({ length: 40 }, (_, i) => [name(i), `${i}`])));
    await world.begin();
    const trees: { tree: string; files: Record<string, string> }[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      for (let i = 0; i < CHANGES; i += 1) {
        disturb(world.workspace, random);
        disturb(world.copy, random);
      }
      // Both keep their caches from round to round; a storage of its own has none.
      const copyTree = await world.files.snapshot(live);
      assert.equal(
        copyTree,
        await fromScratch(world.root, world.copy, `copy-${round}`),
        `copy, round ${round}`,
      );
      const other = await world.open({ run: `r-begin-${round}` });
      const { tree } = await other.begin(live);
      assert.equal(
        tree,
        await fromScratch(world.root, world.workspace, `user-${round}`),
        `user, round ${round}`,
      );
      assert.deepEqual(contents(other.folder), contents(world.workspace));
      await other.discard();
      trees.push({ tree: copyTree, files: contents(world.copy) });
      const earlier = trees[Math.floor(random() * trees.length)];
      if (!earlier || random() < 0.5) continue;
      await world.files.restore(earlier.tree, live);
      assert.deepEqual(contents(world.copy), earlier.files, `restored in round ${round}`);
    }
  });
}

async function fromScratch(root: string, workspace: string, storage: string): Promise<string> {
  const storageDir = join(root, storage);
  const files = await openRunFiles({ workspace, storageDir, run: 'r-x', isolation: 'workspace' });
  const tree = await files.snapshot(live);
  rmSync(storageDir, { recursive: true });
  return tree;
}

function name(i: number): string {
  return i % 3 === 0 ? `f${i}` : `d${i % 5}/f${i}`;
}

/** One of the things that people and tools do to files; most keep the size, since that is where a cache errs. */
function disturb(folder: string, random: () => number): void {
  const path = join(folder, name(Math.floor(random() * 50)));
  const other = join(folder, name(Math.floor(random() * 50)));
  mkdirSync(dirname(path), { recursive: true });
  const kind = random();
  if (kind < 0.4) {
    rmSync(path, { force: true });
    writeFileSync(path, String(Math.floor(random() * 10)));
  } else if (kind < 0.6) {
    rmSync(path, { force: true });
  } else if (kind < 0.7) {
    appendFileSync(path, 'x');
  } else if (kind < 0.8) {
    writeFileSync(path, 'm');
    chmodSync(path, random() < 0.5 ? 0o755 : 0o644);
  } else if (kind < 0.9) {
    rmSync(path, { force: true });
    symlinkSync(`target-${Math.floor(random() * 3)}`, path);
  } else {
    writeFileSync(path, 'moved');
    mkdirSync(dirname(other), { recursive: true });
    renameSync(path, other);
  }
}

/** Mulberry32. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
