import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { replaceFile } from '../atomic-file.ts';

/**
 * What was known of each file when it was last read, so that an unchanged one need not be read again. It is a cache:
 * what is indexed stands in the table, and a manifest that is lost or old costs time only.
 */
export type Manifest = Map<string, ManifestEntry>;

export interface ManifestEntry {
  /** `size mtime ctime`; empty when the file was so young that it could change again without a trace. */
  readonly stamp: string;
  readonly hash: string;
  /** 0 also for files that are left out for what is in them. */
  readonly chunks: number;
  readonly skipped: boolean;
}

export async function readManifest(file: string): Promise<Manifest> {
  try {
    return new Map(
      manifestFile
        .parse(JSON.parse(await readFile(file, 'utf8')))
        .map(([path, ...entry]) => [path, unpacked(entry)]),
    );
  } catch {
    return new Map(); // Missing or damaged: every file is read once more.
  }
}

export async function writeManifest(file: string, manifest: Manifest): Promise<void> {
  const rows = [...manifest].map(([path, entry]) => [
    path,
    entry.stamp,
    entry.hash,
    entry.chunks,
    entry.skipped ? 1 : 0,
  ]);
  await replaceFile(file, JSON.stringify(rows));
}

/** What tells, without reading it, that a file is as it was; empty when it is too young to tell. */
export function stampOf(
  stats: { readonly size: number; readonly mtimeMs: number; readonly ctimeMs: number },
  now: number,
): string {
  if (Math.max(stats.mtimeMs, stats.ctimeMs) > now - YOUNG_MS) return '';
  return `${String(stats.size)} ${String(stats.mtimeMs)} ${String(stats.ctimeMs)}`;
}

/** FAT counts in steps of two seconds, the coarsest clock of the file systems in use. */
const YOUNG_MS = 2_000;

const manifestFile = z.array(z.tuple([z.string(), z.string(), z.string(), z.number(), z.number()]));

function unpacked([stamp, hash, chunks, skipped]: [string, string, number, number]): ManifestEntry {
  return { stamp, hash, chunks, skipped: skipped === 1 };
}
