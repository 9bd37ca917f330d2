import type { Stats } from 'node:fs';
import { setImmediate as breathe } from 'node:timers/promises';
import { blobSink } from './keep-blobs.ts';
import type { KnownFile, KnownFiles } from './known-files.ts';
import { looksTheSame, stampOf } from './known-files.ts';
import { MAX_FILE_BYTES } from './limits.ts';
import type { BytePath } from './paths.ts';
import { realParents, shown } from './paths.ts';
import { readContent } from './read-content.ts';
import type { Shadow } from './shadow-repository.ts';
import type { TreeEdit } from './write-tree.ts';

/** Paths with what stands there, as far as it is a thing that could be taken in. */
export type Listing = ReadonlyMap<BytePath, Stats | undefined>;

export interface FilesRequest {
  readonly workTree: string;
  readonly listing: Listing;
  /** The files of the last snapshot: only those that look different are read. */
  readonly known: KnownFiles;
  /**
   * `leave-out`: files that are too large or may not be read are left out, and said so. `keep`: those that are known
   * are kept whatever their size, or as they were last read, since leaving one out would look as if the run had deleted it.
   */
  readonly troubled: 'leave-out' | 'keep';
  /** `known`: contents that are known are in the repository. `none`: nothing is certain to be there, so all is written again. */
  readonly held: 'known' | 'none';
  readonly signal: AbortSignal;
}

export interface TakenFiles {
  readonly files: KnownFiles;
  /** How the files differ from the known ones. */
  readonly edits: readonly TreeEdit[];
  /** One sentence per file that was left out. */
  readonly notes: readonly string[];
  /** How many had to be read. */
  readonly read: number;
}

/** Looks at every file and takes the contents of changed ones into the shadow repository. */
export async function takeFiles(shadow: Shadow, request: FilesRequest): Promise<TakenFiles> {
  const { workTree, listing, known, troubled, held, signal } = request;
  const files = new Map<BytePath, KnownFile>();
  const edits: TreeEdit[] = [];
  const notes: string[] = [];
  const hasRealParents = realParents(workTree);
  const sink = blobSink(shadow, signal);
  let seen = 0;
  let read = 0;
  for (const [path, found] of listing) {
    // File calls are synchronous, which is five times faster, but the editor must get its turn.
    if (++seen % 500 === 0) await breathe();
    signal.throwIfAborted();
    if (!found || !(found.isFile() || found.isSymbolicLink()) || !hasRealParents(path)) continue;
    const last = known.get(path);
    const keep = troubled === 'keep' && last !== undefined;
    if (found.size > MAX_FILE_BYTES && !keep) {
      notes.push(`${shown(path)} was left out: it is larger than ${MAX_FILE_BYTES / 1024 / 1024} MB.`);
      continue;
    }
    if (held === 'known' && last && looksTheSame(last.stamp, found)) {
      files.set(path, last);
      continue;
    }
    const now = Date.now();
    read += 1;
    const content = readContent(workTree, path, found);
    if (content.kind === 'gone') continue;
    if (content.kind === 'closed') {
      if (keep) files.set(path, last);
      else notes.push(`${shown(path)} was left out: it may not be read.`);
      continue;
    }
    const version = {
      mode: content.mode,
      blob: sink.add(content.bytes, held === 'known' ? last?.version.blob : undefined),
    };
    files.set(path, { version, stamp: stampOf(content.found, now) });
    if (version.blob !== last?.version.blob || version.mode !== last.version.mode)
      edits.push({ path, version });
    if (sink.full) await sink.flush();
  }
  await sink.flush();
  for (const path of known.keys()) if (!files.has(path)) edits.push({ path, version: undefined });
  return { files, edits, notes, read };
}
