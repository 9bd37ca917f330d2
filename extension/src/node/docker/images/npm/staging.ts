import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeOf } from '../../connect-failure.ts';
import { processExists } from '../../../process-table.ts';
import { diskFull } from '../errors.ts';
import type { PackageSpec } from './package-spec.ts';

const prefix = 'strata-npm-';

/** A temporary folder in which one package is the only dependency. Removed at the end, whatever that is. */
export async function withStaging<T>(spec: PackageSpec, use: (folder: string) => Promise<T>): Promise<T> {
  await removeAbandoned();
  const folder = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  try {
    await writeFile(join(folder, 'package.json'), manifestFor(spec));
    return await use(folder);
  } catch (error) {
    throw codeOf(error) === 'ENOSPC' ? diskFull(`npm installs ${spec.name}`) : error;
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The package stands in the file rather than on npm's command line, where Windows' shell would read it first. */
export function manifestFor({ name, wanted }: PackageSpec): string {
  return JSON.stringify({ private: true, dependencies: { [name]: wanted } });
}

/** Of processes that were killed before they could remove theirs. */
async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || processExists(Number(pid))) continue;
    await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => undefined); // Another user's.
  }
}
