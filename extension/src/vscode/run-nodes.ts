import type { RunSummary } from '../node/sqlite/index.ts';
import type { RunId } from '../protocol/run-event.ts';
import type { StepView } from '../protocol/run-view.ts';
import type { FolderRuns } from './folder-runs.ts';
import type { GroupWords } from './run-list-words.ts';

/** A row of the view of runs. */
export type RunsNode = TroubleNode | FolderNode | GroupNode | MoreNode | RunNode | StepNode | SubRunNode;

/** A folder whose runs cannot be read, and why. */
export interface TroubleNode {
  readonly type: 'trouble';
  readonly error: unknown;
}

export interface FolderNode {
  readonly type: 'folder';
  readonly runs: FolderRuns;
}

/** Runs that have their day, their agent or their state in common. They are read when it is opened. */
export interface GroupNode {
  readonly type: 'group';
  readonly runs: FolderRuns;
  readonly group: GroupWords;
  /** Names the list of its runs. */
  readonly list: string;
  readonly below: 'Expanded' | 'Collapsed';
}

/** The end of a list that goes on. */
export interface MoreNode {
  readonly type: 'more';
  readonly list: string;
  readonly what: 'runs' | 'groups';
}

export interface RunNode {
  readonly type: 'run';
  readonly runs: FolderRuns;
  readonly run: RunSummary;
  readonly list: string;
}

export interface StepNode {
  readonly type: 'step';
  readonly runs: FolderRuns;
  readonly run: string;
  readonly step: StepView;
}

/** A step that is another agent's run; what that did is below it. */
export interface SubRunNode {
  readonly type: 'sub';
  readonly runs: FolderRuns;
  /** The sub-run. */
  readonly run: { readonly id: RunId };
  /** The run that it is a part of. */
  readonly of: RunId;
  readonly at: StepView;
}
