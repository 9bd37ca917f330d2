import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { indexRows } from './memory/index-rate.ts';
import { qualityRows } from './memory/quality.ts';
import type { BenchOptions, Row } from './support/row.ts';

/** The memory of a large folder through its public face, in the process that ships. */
export async function run({ peers }: BenchOptions): Promise<Row[]> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'strata-bench-')));
  try {
    return [...(await qualityRows(root, peers)), ...(await indexRows(root))];
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
