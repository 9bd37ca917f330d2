import type { RunView } from '../../../extension/src/protocol/run-view.ts';
import { activeTime } from '../../../extension/src/protocol/run-view.ts';
import { isOpen } from '../folds.ts';
import type { Folds } from '../folds.ts';
import type { Model } from '../model.ts';
import type { Branch, Row } from '../outline.ts';
import { openBranches } from '../sub-runs.ts';
import { endedSpan } from '../time-scale.ts';
import { colourOf } from './colours.ts';
import { Lane } from './lane.ts';
import type { Spans } from './spans.ts';
import { createSpans } from './spans.ts';

/** Slots of one agent at the same time. With more the last one holds several. */
const MOST_AT_ONCE = 64;

/** The lanes of a run: of the one that is shown, or of a sub-run that is open. */
export interface Block {
  readonly branch: Branch;
  readonly spans: Spans;
  /** Row of its first lane. */
  top: number;
  /** Rows of its lanes and of what is nested below them. */
  rows: number;
  readonly start: number;
  /** Infinity while it goes on. */
  readonly end: number;
}

/** The header of a sub-run. */
export interface Header {
  /** The step that started it. */
  readonly row: Row;
  readonly agent: string;
  readonly open: boolean;
  readonly start: number;
  readonly end: number;
  /** Its lanes, while they are shown. */
  readonly block: Block | undefined;
}

/** Sub-runs that one agent was started for one after the other: they share the row of their headers, and those below it. */
export interface Slot {
  top: number;
  readonly depth: number;
  /** In the order of their starts. */
  readonly headers: Header[];
  /** The same as spans; their `steps` are places in `headers`. */
  readonly lane: Lane;
}

export interface Layout {
  readonly rows: number;
  /** Outer ones first; the run that is shown is the first of all. */
  readonly blocks: readonly Block[];
  readonly slots: readonly Slot[];
}

/** Where the lanes of the run and of its sub-runs stand. Only what is new is looked at, until a sub-run comes or goes. */
export interface Layouts {
  readonly layout: Layout;
  /** Takes in what happened since. */
  update(model: Model): void;
}

export function createLayouts(): Layouts {
  let spans = new Map<RunView, Spans>();
  let layout: Layout = { rows: 0, blocks: [], slots: [] };
  let running: readonly Header[] = [];
  let made: readonly unknown[] = [];

  return {
    get layout() {
      return layout;
    },
    update: (model) => {
      const { run, outline, restarts, folds, subRuns } = model;
      const branches = openBranches(outline, folds);
      const kept = new Map<RunView, Spans>();
      let lanes = 0;
      let starters = 0;
      for (const branch of branches) {
        const own = spans.get(branch.run) ?? createSpans();
        own.update(branch, run, outline, restarts);
        kept.set(branch.run, own);
        lanes += own.lanes.length;
        starters += branch.starters.length;
      }
      // Those of a sub-run that was closed are made anew when it is opened.
      spans = kept;
      const ended = running.filter(({ row }) => row.step?.status !== 'running').length;
      const from = [run, run.startedAt, run.gaps.length, folds, subRuns.revision, restarts, lanes, starters];
      if (ended === 0 && from.every((value, index) => value === made[index])) return;
      made = from;
      layout = layOut(branches, spans, run, folds);
      running = layout.slots.flatMap(({ headers }) => headers.filter(({ end }) => end === Infinity));
    },
  };
}

function layOut(
  branches: readonly Branch[],
  spans: ReadonlyMap<RunView, Spans>,
  clock: RunView,
  folds: Folds,
): Layout {
  const blocks = new Map<Branch, Block>();
  for (const branch of branches) {
    const own = spans.get(branch.run);
    if (!own) continue;
    const { host } = branch;
    const time = host ? timeOf(host, branch, clock) : { start: 0, end: Infinity };
    blocks.set(branch, { branch, spans: own, top: 0, rows: own.lanes.length, ...time });
  }
  const nested = new Map<Block, readonly Slot[]>();
  for (const block of blocks.values()) nested.set(block, slotsOf(block.branch, blocks, clock, folds));
  const inner = [...blocks.values()].reverse();
  for (const block of inner) for (const slot of nested.get(block) ?? []) block.rows += rowsOf(slot);
  const slots: Slot[] = [];
  for (const block of blocks.values()) {
    let top = block.top + block.spans.lanes.length;
    for (const slot of nested.get(block) ?? []) {
      slot.top = top;
      for (const header of slot.headers) if (header.block) header.block.top = top + 1;
      top += rowsOf(slot);
      slots.push(slot);
    }
  }
  return { rows: inner.at(-1)?.rows ?? 0, blocks: [...blocks.values()], slots };
}

function rowsOf({ headers }: Slot): number {
  return headers.reduce((most, { block }) => Math.max(most, 1 + (block?.rows ?? 0)), 1);
}

/** An agent that works for the run several times at once has as many slots. */
function slotsOf(
  branch: Branch,
  blocks: ReadonlyMap<Branch, Block>,
  clock: RunView,
  folds: Folds,
): readonly Slot[] {
  const byHost = new Map<Row, Block>();
  for (const block of blocks.values()) if (block.branch.host) byHost.set(block.branch.host, block);
  const headers = branch.starters.map((row): Header => {
    const block = byHost.get(row);
    const time = block ?? timeOf(row, undefined, clock);
    return {
      ...{ row, block, open: isOpen(folds, row), start: time.start, end: time.end },
      agent: block?.branch.run.agent || (row.step?.name ?? ''),
    };
  });
  headers.sort((a, b) => a.start - b.start);
  const slots: Slot[] = [];
  const ofAgent = new Map<string, Slot[]>();
  for (const header of headers) {
    const own = ofAgent.get(header.agent) ?? [];
    ofAgent.set(header.agent, own);
    let slot = own.find(({ lane }) => lane.lastEnd <= header.start);
    if (!slot && own.length >= MOST_AT_ONCE) slot = own.at(-1);
    if (!slot) {
      slot = { top: 0, depth: branch.depth, headers: [], lane: new Lane() };
      own.push(slot);
      slots.push(slot);
    }
    const failed = header.row.step?.status === 'failed' || header.row.step?.isError === true;
    slot.lane.push(header.start, header.end, colourOf('agent'), failed, slot.headers.length);
    slot.headers.push(header);
  }
  return slots;
}

function timeOf(
  { step, branch }: Row,
  sub: Branch | undefined,
  clock: RunView,
): { readonly start: number; readonly end: number } {
  if (!step) return { start: 0, end: Infinity };
  const start = activeTime(clock, step.startedAt);
  if (branch.takenOver || sub?.takenOver) return { start, end: start };
  if (step.status === 'running') return { start, end: Infinity };
  // One that was interrupted does not say how long it took, and its run does.
  const known = step.durationMs === undefined && sub ? activeTime(clock, sub.run.activeAt) : start;
  return { start, end: Math.max(known, start + endedSpan(branch.run, step)) };
}
