import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { isStrataError } from '../../extension/src/base/errors.ts';
import type { Hit, Memory } from '../../extension/src/core/memory/index.ts';
import { loadNative } from '../../extension/src/node/lancedb/load.ts';
import { memoryProcesses, place, type Place } from './memory-fixture.ts';

/** `npm run test:soak` kills at so many points; a normal run tries some. */
const POINTS = process.env['STRATA_SOAK'] === '1' ? 50 : 6;
/** How often the index is completed and compared with the folder in between. */
const CHECK_EVERY = 3;
const FILES = 40;
const FUNCTIONS = 8;
/** A process of low priority gets little of a machine that does other things. */
const PATIENCE_MS = 300_000;
const limit = (): AbortSignal => AbortSignal.timeout(2 * PATIENCE_MS);

test(`the process is killed at ${String(POINTS)} random points while a person edits: nothing stale, nothing twice`, async (t) => {
  if (memoryProcesses() === undefined) {
    t.skip('needs /proc to find the memory process');
    return;
  }
  const at = place(t);
  const text = writtenFolder(at);
  const memory = at.open({ limits: { read: PATIENCE_MS } });
  await memory.index({ signal: limit() });
  // Long enough that the last of the points lie behind the end of what is under way.
  let longest = 400;
  let cutOff = 0;
  for (let point = 1; point <= POINTS; point++) {
    await memory.state();
    const began = performance.now();
    const work: Promise<unknown>[] = [];
    const begin = (one: Promise<unknown>): void => {
      one.catch(() => undefined); // All of them are looked at below.
      work.push(one);
    };
    begin(
      randomInt(2) === 0
        ? memory.index({ signal: limit() })
        : memory.update(text.edit(6), { signal: limit() }),
    );
    const after = sleep(randomInt(longest)).then(killAll);
    while (randomInt(4) > 0) {
      await sleep(randomInt(30));
      begin(memory.update(text.edit(2), { signal: limit() }));
    }
    const ended = await Promise.allSettled(work);
    await after;
    for (const one of ended) {
      if (one.status === 'fulfilled') continue;
      assert.equal(isStrataError(one.reason) && one.reason.code, 'memory-stopped', String(one.reason));
      cutOff++;
    }
    if (ended.every((one) => one.status === 'fulfilled'))
      longest = Math.max(100, Math.min(longest, Math.round(performance.now() - began)));
    const when = `point ${String(point)}`;
    const found = await during(`${when}, search`, memory.search('marker', { limit: 200, signal: limit() }));
    assert.deepEqual(twice(found.flatMap(placesOf)), [], when);
    if (point % CHECK_EVERY !== 0) continue;
    const report = await during(`${when}, index`, memory.index({ signal: limit() }));
    assert.equal(report.notes, undefined, when);
    await during(`${when}, check`, assertAsWritten(memory, text.files, when));
  }
  await memory.index({ signal: limit() });
  await assertAsWritten(memory, text.files, 'at the end');
  assert.ok(cutOff > 0, 'the points hit something');
  t.diagnostic(`${String(POINTS)} points, ${String(cutOff)} calls cut off`);

  const fresh = place(t);
  rmSync(fresh.folder, { recursive: true });
  cpSync(at.folder, fresh.folder, { recursive: true });
  const other = fresh.open({ limits: { read: PATIENCE_MS } });
  await other.index({ signal: limit() });
  assert.deepEqual(await everything(memory, text.files), await everything(other, text.files));
  const [{ files, chunks }, expected] = [await memory.stats(), await other.stats()];
  assert.deepEqual({ files, chunks }, { files: expected.files, chunks: expected.chunks });
  await memory.dispose();
  assert.deepEqual(twice(await storedIds(at.storageDir)), []);
});

/** Says at which of the points it failed. */
async function during<T>(when: string, work: Promise<T>): Promise<T> {
  return await work.catch((error: unknown) => {
    throw new Error(when, { cause: error });
  });
}

function killAll(): void {
  for (const pid of memoryProcesses() ?? []) process.kill(pid, 'SIGKILL');
}

interface WrittenFolder {
  readonly files: ReadonlyMap<string, string>;
  /** Does so many things to the folder, and says which paths they are about. */
  edit(times: number): string[];
}

function writtenFolder({ write, remove }: Place): WrittenFolder {
  const files = new Map<string, string>();
  /** What once was: a branch that is switched back to. */
  const earlier: (readonly [string, string])[] = [];
  let last = 0;

  const code = (): string => {
    const name = `handle_${wordOf(last++)}`;
    return `export function ${name}(request) {\n  const marker = '${wordOf(last++)} ${wordOf(last++)}';\n  return marker;\n}\n`;
  };
  const put = (file: string, content: string): void => {
    files.set(file, content);
    earlier.push([file, content]);
    write({ [file]: content });
  };
  const drop = (file: string): void => {
    files.delete(file);
    remove(file);
  };
  const add = (): string => {
    const file = `src/${wordOf(last++)}.js`;
    put(file, Array.from({ length: FUNCTIONS }, code).join('\n'));
    return file;
  };
  for (let at = 0; at < FILES; at++) add();

  function editOnce(): string[] {
    const [file, content] = [...files][randomInt(files.size)] ?? ['', ''];
    switch (randomInt(6)) {
      case 0:
        return [add()];
      case 1:
        drop(file);
        return [file];
      case 2: {
        const renamed = `src/${wordOf(last++)}.js`;
        drop(file);
        put(renamed, content);
        return [file, renamed];
      }
      case 3: {
        const [old, before] = earlier[randomInt(earlier.length)] ?? [file, content];
        put(old, before);
        return [old];
      }
      case 4:
        put(file, `// ${wordOf(last++)}\n\n${content}`);
        return [file];
      default:
        put(file, `${content}\n${code()}`.replace(/export function \w+\(request\) \{[^}]*\}\n\n?/, ''));
        return [file];
    }
  }
  return { files, edit: (times) => Array.from({ length: times }, editOnce).flat() };
}

/** Words that no other one begins with, and that stemming leaves alone. */
function wordOf(number: number): string {
  const letters = [0, 1, 2, 3].map((place) =>
    String.fromCharCode(97 + (Math.trunc(number / 26 ** place) % 26)),
  );
  return `zq${letters.join('')}k`;
}

/** Each function of each file is found once, in its place, with the text that stands there. */
async function assertAsWritten(
  memory: Memory,
  files: ReadonlyMap<string, string>,
  when: string,
): Promise<void> {
  for (const [file, content] of files) {
    const hits = await memory.search('marker', { limit: 200, filter: { paths: [file] }, signal: limit() });
    const lines = content.split('\n');
    const found = hits.flatMap(placesOf).flatMap(({ startLine, endLine }) => {
      const text = lines.slice(startLine - 1, endLine).join('\n');
      return namesIn(text);
    });
    assert.deepEqual(found.sort(), namesIn(content).sort(), `${when}: ${file}`);
    for (const hit of hits) {
      const text = lines.slice(hit.startLine - 1, hit.endLine).join('\n');
      assert.equal(hit.text.trim(), text.trim(), `${when}: ${file}`);
    }
  }
  const [{ files: count }, all] = [
    await memory.stats(),
    await memory.search('marker', { limit: 200, signal: limit() }),
  ];
  assert.equal(count, files.size, when);
  for (const { path: file } of all.flatMap(placesOf)) assert.ok(files.has(file), `${when}: ${file} is gone`);
}

function namesIn(text: string): string[] {
  return [...text.matchAll(/function (\w+)/g)].map(([, name]) => name ?? '');
}

async function everything(memory: Memory, files: ReadonlyMap<string, string>): Promise<string[]> {
  const found: string[] = [];
  for (const file of [...files.keys()].sort()) {
    const hits = await memory.search('marker', { limit: 200, filter: { paths: [file] }, signal: limit() });
    found.push(...hits.map((hit) => `${keyOf(hit)} ${hit.symbol ?? '·'}`).sort());
  }
  return found;
}

function placesOf(hit: Hit): Pick<Hit, 'path' | 'startLine' | 'endLine'>[] {
  return [hit, ...(hit.alike ?? [])];
}

function keyOf({ path: file, startLine, endLine }: Pick<Hit, 'path' | 'startLine' | 'endLine'>): string {
  return `${file}:${String(startLine)}-${String(endLine)}`;
}

/** Those that stand more than once among them. */
function twice(all: readonly (string | Pick<Hit, 'path' | 'startLine' | 'endLine'>)[]): string[] {
  const keys = all.map((one) => (typeof one === 'string' ? one : keyOf(one)));
  return keys.filter((key, at) => keys.indexOf(key) !== at);
}

/** As the table on the disk has them, whether a search would show them or not. */
async function storedIds(storageDir: string): Promise<string[]> {
  const { lancedb } = await loadNative();
  const connection = await lancedb.connect(path.join(storageDir, 'chunks'));
  try {
    const table = await connection.openTable('chunks');
    const rows: unknown[] = await table.query().select(['id']).toArray();
    return rows.map((row) => String((row as { readonly id: unknown }).id));
  } finally {
    connection.close();
  }
}
