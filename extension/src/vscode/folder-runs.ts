import type { Json } from '../base/json.ts';
import type { Payload, RunId } from '../protocol/run-event.ts';
import type { RunView } from '../protocol/run-view.ts';
import type { RunFilter, RunGroups, RunSummary } from '../node/sqlite/index.ts';

/** The runs of one workspace folder, as the views need them. */
export interface FolderRuns {
  /** File-system path of the folder. */
  readonly folder: string;
  readonly name: string;
  /** Newest first. */
  list(limit: number, filter?: RunFilter): readonly RunSummary[];
  readonly groups: RunGroups;
  view(run: RunId): RunView | undefined;
  readonly payload: (payload: Payload) => Json;
}
