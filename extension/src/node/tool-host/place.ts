import type { RunId } from '../../protocol/run-event.ts';

/** What the servers of a run work on. */
export interface Place {
  /** Folder that is mounted. */
  readonly folder: string;
  /** The folder is the run's own copy; otherwise it is the user's workspace itself. */
  readonly ownCopy: boolean;
  /** Nothing may be written, and only reading tools are offered. */
  readonly readOnly: boolean;
  /** For the containers' labels. */
  readonly run: RunId;
}
