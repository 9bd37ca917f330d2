import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';

/** An empty folder that goes when the test ends. */
export function emptyFolder(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'strata-log-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A run log that an older Strata wrote: `test/fixtures/run-log/<name>.db.gz`. */
export function oldRunLog(folder: string, name: string): string {
  const packed = new URL(`../fixtures/run-log/${name}.db.gz`, import.meta.url);
  const file = path.join(folder, 'runs.db');
  writeFileSync(file, gunzipSync(readFileSync(packed)));
  return file;
}
