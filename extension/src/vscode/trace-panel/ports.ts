import type { Event } from '../../base/event.ts';
import type { CallDecision, PanelAction, RunFacts } from '../../protocol/panel.ts';
import type { BlobId, RunEvent, RunId, StepId } from '../../protocol/run-event.ts';
import type { RunView } from '../../protocol/run-view.ts';

/** Where the panel reads runs from. */
export interface RunSource {
  /** The run as it is now; undefined when there is none. It may throw a `StrataError`. */
  view(run: RunId): RunView | undefined;
  read(run: RunId, afterSeq: number): readonly RunEvent[];
  /** Committed events, of any run, in the order of their numbers. */
  readonly onDidAppend: Event<readonly RunEvent[]>;
  /** Throws a `StrataError` when the blob is missing or damaged. */
  getBlob(id: BlobId): string;
  facts(run: RunId): RunFacts;
}

/** What a person can do from the panel. Each may return one sentence on how it went; a throw is shown as an error. */
export interface PanelActions extends Readonly<
  Record<PanelAction, (run: RunId) => Promise<string | undefined>>
> {
  /** The agent reads it before its next step. */
  readonly steer: (run: RunId, text: string) => Promise<string | undefined>;
  /** Asks what shall be different, and shows the new run. */
  readonly fork: (run: RunId, step: StepId) => Promise<string | undefined>;
  readonly decide: (run: RunId, step: StepId, decision: CallDecision) => Promise<string | undefined>;
  readonly openRun: (run: RunId, step: StepId | undefined) => Promise<void>;
  /** Shows what the step did to the file; what the whole run did, without a step. */
  readonly openDiff: (run: RunId, path: string, step: StepId | undefined) => Promise<void>;
}

/** What the session needs of the editor. */
export interface PanelEditor {
  copy(text: string): Promise<void>;
  /** Shows JSON text in an editor of its own. */
  openJson(text: string): Promise<void>;
  showError(message: string): void;
}
