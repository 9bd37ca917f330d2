import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { replaceFile } from '../lancedb/atomic-file.ts';

const schema = z.object({ version: z.literal(1), noted: z.array(z.string()) });

/** The ids of all facts that were ever made notes on this machine: hashes, so what a person removed is not kept in them. */
export async function readNotedIds(file: string): Promise<ReadonlySet<string>> {
  try {
    return new Set(schema.parse(JSON.parse(await readFile(file, 'utf8'))).noted);
  } catch {
    return new Set(); // Missing or damaged: at worst a note that was removed is offered once more.
  }
}

export async function writeNotedIds(file: string, noted: ReadonlySet<string>): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await replaceFile(file, JSON.stringify({ version: 1, noted: [...noted].slice(-MOST) }));
}

const MOST = 10_000;
