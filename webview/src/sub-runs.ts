import type { HostMessage, PanelMessage } from '../../extension/src/protocol/panel.ts';
import type { ErrorInfo, RunEvent, RunId } from '../../extension/src/protocol/run-event.ts';
import { createArrivals } from './arrivals.ts';
import type { Arrivals, StepsMessage } from './arrivals.ts';
import type { Folds } from './folds.ts';
import { isOpen } from './folds.ts';
import { holdRun } from './held-run.ts';
import type { HeldRun } from './held-run.ts';
import type { Branch, Outline, Row } from './outline.ts';

type SubRunMessage = Extract<HostMessage, { readonly type: 'sub-run' }>;
type WholeMessage = Extract<SubRunMessage, { readonly steps: unknown }>;

/** `elsewhere`: another step started it too, and its steps stand there. A run that is its own sub-run is one of these. */
export type SubRunState = 'closed' | 'coming' | 'here' | 'missing' | 'elsewhere';

export interface SubRuns {
  /** Another one after each change of what is here. */
  readonly revision: number;
  /** Of the run that the step started; undefined when it started none. */
  state(row: Row): SubRunState | undefined;
  /** Why its steps are not there, or not yet, to follow what the step is. */
  note(row: Row): string;
  held(run: RunId): HeldRun | undefined;
  readonly restarts: number;
  /** Number of the events that were taken in, and of the steps. */
  readonly seq: number;
  readonly steps: number;
  /** Some are on their way. */
  readonly coming: boolean;
  /** Asks for those that are open. What is here is not asked for again. */
  ask(folds: Folds): void;
  receive(message: SubRunMessage): void;
  add(message: StepsMessage): void;
  append(events: readonly RunEvent[]): void;
}

interface Entry {
  readonly host: Row;
  state: SubRunState;
  held: HeldRun | undefined;
  error: ErrorInfo | undefined;
  readonly arrivals: Arrivals<WholeMessage>;
}

export function createSubRuns(
  outline: Outline,
  post: (message: PanelMessage) => void,
  onChange: () => void,
  before?: SubRuns,
): SubRuns {
  const entries = new Map<RunId, Entry>();
  let revision = 0;
  let asked: readonly unknown[] = [];

  const changed = () => {
    revision += 1;
    onChange();
  };
  const arrive = (entry: Entry, held: HeldRun) => {
    entry.held = held;
    entry.state = 'here';
    entry.error = undefined;
    outline.graft(held.run, entry.host);
    revision += 1;
  };
  const enter = (run: RunId, host: Row) => {
    const entry: Entry = {
      ...{ host, state: 'coming', held: undefined, error: undefined },
      arrivals: createArrivals({
        onWhole: ({ view }, steps) => {
          arrive(entry, holdRun(view, steps));
          onChange();
        },
      }),
    };
    entries.set(run, entry);
    const held = before?.held(run);
    if (held) arrive(entry, held);
    post({ type: 'sub-run', run, ...(held ? { after: held.run.lastSeq } : {}) });
    revision += 1;
  };
  const state = ({ step, branch }: Row): SubRunState | undefined => {
    if (step?.child === undefined) return undefined;
    if (outline.branches.get(step.child)?.depth === 0) return 'elsewhere';
    const entry = entries.get(step.child);
    if (!entry) return 'closed';
    return entry.host.step === step && entry.host.branch === branch ? entry.state : 'elsewhere';
  };
  const sum = (of: (held: HeldRun) => number) => {
    let total = 0;
    for (const { held } of entries.values()) if (held) total += of(held);
    return total;
  };

  return {
    get revision() {
      return revision;
    },
    get restarts() {
      return sum((held) => held.restarts);
    },
    get seq() {
      return sum((held) => held.run.lastSeq);
    },
    get steps() {
      return sum((held) => held.run.steps.length);
    },
    get coming() {
      return [...entries.values()].some((entry) => entry.state === 'coming');
    },
    state,
    note: (row) => {
      const error = row.step?.child === undefined ? undefined : entries.get(row.step.child)?.error;
      switch (state(row)) {
        case 'coming':
          return 'its steps are on their way';
        case 'elsewhere':
          return 'its steps are shown at another step';
        case 'missing':
          if (row.step?.status === 'running') return 'its run has not begun';
          return error?.code === 'run-missing'
            ? 'its run is not in the log any more'
            : `its run cannot be read: ${error?.message ?? ''}`;
        default:
          return '';
      }
    },
    held: (run) => entries.get(run)?.held,
    ask: (folds) => {
      const branches = openBranches(outline, folds);
      let starters = 0;
      for (const branch of branches) starters += branch.starters.length;
      // A step that is tried again starts another run.
      const restarts = sum((held) => held.restarts);
      const from = [folds, revision, branches.length, starters, restarts];
      if (from.every((value, index) => value === asked[index])) return;
      for (const branch of branches) {
        for (const row of branch.starters) {
          if (row.step?.child !== undefined && state(row) === 'closed' && isOpen(folds, row))
            enter(row.step.child, row);
        }
      }
      asked = from;
    },
    receive: (message) => {
      const entry = entries.get(message.run);
      if (!entry) return;
      if ('error' in message) {
        // What is here stays: only what was to follow it is missing.
        if (!entry.held) entry.state = 'missing';
        entry.error = message.error;
        changed();
      } else if (message.view.id === message.run) entry.arrivals.begin(message);
    },
    add: (message) => {
      entries.get(message.run)?.arrivals.add(message);
    },
    append: (events) => {
      for (const [run, own] of Map.groupBy(events, (event) => event.run)) {
        const held = entries.get(run)?.held;
        if (held && !held.append(own)) post({ type: 'sub-run', run, after: held.run.lastSeq });
      }
    },
  };
}

/** The run that is shown and its sub-runs that are here and open, outer ones first. */
export function openBranches({ branches }: Outline, folds: Folds): readonly Branch[] {
  const open = new Set<Branch>();
  for (const branch of branches.values()) {
    const { host, run } = branch;
    if (!host || (host.step?.child === run.id && open.has(host.branch) && isOpen(folds, host)))
      open.add(branch);
  }
  return [...open];
}

/** The same without those of the original of a fork, which took no time of it. */
export function walkedBranches(outline: Outline, folds: Folds): readonly Branch[] {
  return openBranches(outline, folds).filter(({ takenOver }) => !takenOver);
}

/** Who did the steps of a branch. */
export function agentOf({ run, host }: Branch): string {
  return run.agent || (host?.step?.name ?? '');
}
