import type { BlobId, RunEvent, RunId } from '../../protocol/run-event.ts';
import { isStrataError } from '../../base/errors.ts';
import type { TranscriptLink } from '../../core/orchestration/walk/index.ts';
import { runAmbiguous, runUnknown } from './errors.ts';
import { transcriptAddress } from './transcript-address.ts';

/** The runs that can be walked, as the debugger needs them. */
export interface ReplaySource {
  /** An id, the end of one, or `last`. Throws `run-not-found` or `run-ambiguous`. */
  find(run: string): Promise<FoundRun>;
}

export interface FoundRun {
  readonly run: RunId;
  readonly log: ReplayLog;
  /** Somebody is at work on it: what is recorded so far is walked. */
  readonly live: boolean;
}

export interface ReplayLog {
  read(run: RunId): readonly RunEvent[];
  getBlob(id: BlobId): string;
}

/** The folders of a window, of which each has its own log. */
export interface RunFolder {
  /** Newest first. */
  list(limit: number): readonly { readonly id: RunId }[];
  has(run: RunId): boolean;
  isLive(run: RunId): boolean;
  readonly log: ReplayLog;
}

const LOOKED_THROUGH = 1000;

export function findRun(folders: readonly RunFolder[], run: string): FoundRun {
  const exact = folders.find((folder) => folder.has(run));
  if (exact) return found(exact, run);
  const listed = folders.flatMap((folder) => folder.list(LOOKED_THROUGH).map(({ id }) => ({ id, folder })));
  const fits = run === 'last' ? newest(listed) : listed.filter(({ id }) => run !== '' && id.endsWith(run));
  const [only] = fits;
  if (!only) throw runUnknown(run);
  if (fits.length > 1) throw runAmbiguous(run, fits.length);
  return found(only.folder, only.id);
}

function found(folder: RunFolder, run: RunId): FoundRun {
  return { run, log: folder.log, live: folder.isLive(run) };
}

/** Ids sort by time; a sub-run's id is longer than that of the run that it is part of, which is the one that is meant. */
function newest<T extends { readonly id: RunId }>(listed: readonly T[]): T[] {
  const whole = listed.filter(({ id }) => !listed.some((other) => id.startsWith(`${other.id}-`)));
  return whole.toSorted((a, b) => (a.id < b.id ? 1 : -1)).slice(0, 1);
}

/** Links to the transcripts of other runs of the log, with the agent's name also where only the run is known. */
export function linksIn(log: ReplayLog): TranscriptLink {
  return (run, agent) => transcriptAddress(run, agent === '' ? agentOf(log, run) : agent);
}

function agentOf(log: ReplayLog, run: RunId): string {
  try {
    const [first] = log.read(run);
    return first?.type === 'run.started' ? first.agent : '';
  } catch (error) {
    if (!isStrataError(error)) throw error;
    return '';
  }
}
