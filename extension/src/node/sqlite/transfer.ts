import type { DatabaseSync } from 'node:sqlite';
import { RUN_EVENT_VERSION } from '../../protocol/run-event.ts';
import type { BlobId, RunEvent, RunId } from '../../protocol/run-event.ts';
import { isStrataError } from '../../base/errors.ts';
import { blobIdsIn } from './blob-ids.ts';
import type { Blobs } from './blobs.ts';
import { runExists, runUnknown } from './errors.ts';
import type { ReadEvents } from './read-events.ts';
import type { Writer } from './writer.ts';

/** A run with its sub-runs and every blob that they reach. */
export interface ExportedRun {
  /** The run's own events in order, then those of each sub-run. */
  readonly events: readonly RunEvent[];
  readonly blobs: ReadonlyMap<BlobId, string>;
}

/** The run and all below it; a run stands before its sub-runs. */
export function familyOf(database: DatabaseSync): (run: RunId) => readonly RunId[] {
  const select = database.prepare(`WITH RECURSIVE family (id, depth) AS (
      SELECT id, 0 FROM run WHERE id = ?
      UNION SELECT run.id, depth + 1 FROM run JOIN family ON run.parent = family.id)
    SELECT id FROM family ORDER BY depth, id`);
  return (run) => select.all(run).map(({ id }) => String(id));
}

/** Throws `run-not-found`, `run-damaged` and `blob-damaged`. */
export function exportRun(
  family: readonly RunId[],
  run: RunId,
  { read, blobs }: { readonly read: ReadEvents; readonly blobs: Pick<Blobs, 'get'> },
): ExportedRun {
  if (family.length === 0) throw runUnknown(run);
  const events = family.flatMap((id) => read(id, 0));
  return { events, blobs: reachable(events, (id) => blobs.get(id)) };
}

/** Throws what `get` throws for a payload that is missing or damaged. */
export function reachable(events: readonly RunEvent[], get: (id: BlobId) => string): Map<BlobId, string> {
  const found = new Map<BlobId, string>();
  const needed = new Set<BlobId>(events.flatMap(payloadBlobs));
  const named = [...needed, ...events.flatMap((event) => blobIdsIn(JSON.stringify(event)))];
  for (let id = named.pop(); id !== undefined; id = named.pop()) {
    if (found.has(id)) continue;
    const text = needed.has(id) ? get(id) : existing(id, get);
    if (text === undefined) continue;
    found.set(id, text);
    named.push(...blobIdsIn(text));
  }
  return found;
}

/** What looks like the id of a blob may be the hash of something else. */
function existing(id: BlobId, get: (id: BlobId) => string): string | undefined {
  try {
    return get(id);
  } catch (error) {
    if (isStrataError(error) && error.code === 'blob-damaged') return undefined;
    throw error;
  }
}

function payloadBlobs(event: RunEvent): BlobId[] {
  const { input, output, answer } = event as {
    readonly [name in 'input' | 'output' | 'answer']?: object;
  };
  return [input, output, answer].flatMap((payload) =>
    payload && 'blob' in payload && typeof payload.blob === 'string' ? [payload.blob] : [],
  );
}

/** Keeps the run under `as`, if given, and its sub-runs under ids that begin with it. Throws `run-exists`. */
export function importRun(
  { events, blobs }: ExportedRun,
  as: RunId | undefined,
  to: { readonly writer: Writer; readonly blobs: Blobs; readonly has: (run: RunId) => boolean },
): RunId {
  const runs = Map.groupBy(events, ({ run }) => run);
  const [root] = runs.keys();
  if (root === undefined) throw runUnknown('');
  const renamed = (run: RunId): RunId =>
    as !== undefined && (run === root || run.startsWith(`${root}-`)) ? as + run.slice(root.length) : run;
  for (const run of runs.keys()) if (to.has(renamed(run))) throw runExists(renamed(run));
  for (const text of blobs.values()) to.blobs.putWhole(text);
  const own = [...runs].map(([run, list]): [RunId, RunEvent[]] => [
    renamed(run),
    list.map((event, index) => renameRun(event, renamed, index + 1)),
  ]);
  to.writer.begin(new Map(own), undefined);
  return renamed(root);
}

function renameRun(event: RunEvent, renamed: (run: RunId) => RunId, seq: number): RunEvent {
  const { at } = event;
  const own = { ...event, v: RUN_EVENT_VERSION, run: renamed(event.run), seq, at } as RunEvent;
  if (own.type === 'step.started' && own.child !== undefined) return { ...own, child: renamed(own.child) };
  if (own.type === 'run.started' && own.origin.kind === 'sub-run')
    return { ...own, origin: { ...own.origin, run: renamed(own.origin.run) } };
  return own;
}
