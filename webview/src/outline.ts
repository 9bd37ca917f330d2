import type { StepKey } from '../../extension/src/protocol/panel.ts';
import type { RunId, StepId } from '../../extension/src/protocol/run-event.ts';
import type { RunView, StepView } from '../../extension/src/protocol/run-view.ts';
import { keyIn, placeOf } from './step-key.ts';
import { isTakenOver } from './taken-over.ts';

/** One line of the list. The first one is the run itself and has no step. */
export interface Row {
  readonly step: StepView | undefined;
  /** The run whose step it is. */
  readonly branch: Branch;
  /** 1 for the run, 2 for its steps. */
  readonly level: number;
  /** The line of the step around it; undefined for the run. */
  readonly parent: Row | undefined;
  /** Place among all lines, from 0, when they were last listed. */
  readonly index: number;
  /** Place among its siblings, from 1, and how many they are. */
  readonly position: number;
  readonly siblings: number;
  readonly expandable: boolean;
  readonly expanded: boolean;
  /** Where the timeline shows it, among the lanes of its run. */
  lane: number;
}

/** A run whose steps are lines: the one that is shown, or a sub-run under the step that started it. */
export interface Branch {
  readonly run: RunView;
  /** The step that started it; undefined for the run that is shown. */
  readonly host: Row | undefined;
  /** How many runs are around it. */
  readonly depth: number;
  /** It took no time of the run that is shown, which was forked after it. */
  readonly takenOver: boolean;
  /** Its steps that started sub-runs, in the order in which they were first started. */
  readonly starters: readonly Row[];
}

export interface RowOptions {
  /** Whether what is inside of the line is shown; all is, unless it says otherwise. */
  readonly opens?: (row: Row) => boolean;
  /** Whether there is more to open than is here: the steps of a sub-run. */
  readonly startsMore?: (row: Row) => boolean;
  /** Only these, and what they are inside of, whatever is closed. */
  readonly matches?: ((step: StepView) => boolean) | undefined;
  /** Only what had been started by then. */
  readonly until?: number | undefined;
}

export interface Outline {
  /** By their runs; the one that is shown is the first. */
  readonly branches: ReadonlyMap<RunId, Branch>;
  /** Depth first. The lines are the same objects each time, so that 100,000 of them cost little to list again. */
  rows(options: RowOptions): readonly Row[];
  /** Without a key, that of the run itself. */
  row(key: StepKey | undefined): Row | undefined;
  rowOf(run: RunId, step: StepId): Row | undefined;
  /** Those of the run's steps, by the places that the steps have in it. */
  linesOf(run: RunId): readonly (Row | undefined)[];
  /** Puts the steps of a sub-run under the step that started it. */
  graft(run: RunView, host: Row): void;
}

interface Node extends Row {
  level: number;
  parent: Node | undefined;
  index: number;
  position: number;
  siblings: number;
  expandable: boolean;
  expanded: boolean;
  children: Node[] | undefined;
  /** Number of the listing that it is part of, when only some are. */
  listing: number;
}

interface Limb extends Branch {
  readonly host: Node | undefined;
  readonly starters: Node[];
  /** Steps that are inside of no other one. */
  top: Node[];
  /** By the places of their steps. */
  readonly lines: (Node | undefined)[];
  /** Made when a line is first looked for: of most long runs none is before they are painted. */
  byId: Map<StepId, Node> | undefined;
  taken: number;
  /** Some step stands under a farther one because its own parent was not there; it may come later. */
  orphans: boolean;
}

/** The steps of the run and of its sub-runs as a tree. What they have got since the last time is taken in with each listing. */
export function createOutline(run: RunView): Outline {
  const trunk = limbOf(run, undefined);
  const root = nodeOf(undefined, undefined, trunk);
  const limbs = new Map<RunId, Limb>([[run.id, trunk]]);
  let listings = 0;

  const inside = (node: Node): readonly Node[] => {
    if (!node.step) return trunk.top;
    const limb = node.step.child === undefined ? undefined : limbs.get(node.step.child);
    if (limb?.host !== node) return node.children ?? NONE;
    return node.children ? [...node.children, ...limb.top] : limb.top;
  };
  const limbOfRun = (id: RunId) => {
    const limb = limbs.get(id);
    if (limb) catchUp(limb, root);
    return limb;
  };
  const rowOf = (id: RunId, step: StepId) => {
    const limb = limbOfRun(id);
    return limb && nodesOf(limb).get(step);
  };

  return {
    branches: limbs,
    rows: ({ opens = all, startsMore = none, matches, until = Infinity }) => {
      listings += 1;
      for (const limb of limbs.values()) {
        catchUp(limb, root);
        if (matches) mark(limb, matches, listings);
      }
      const shows = (node: Node) =>
        (node.step === undefined || node.step.startedAt <= until) &&
        (matches === undefined || node.listing === listings);
      const some = matches !== undefined || until !== Infinity;
      return list(root, {
        inside: some ? (node) => inside(node).filter(shows) : inside,
        opens: matches ? all : opens,
        startsMore: matches ? none : startsMore,
      });
    },
    row: (key) => {
      if (key === undefined) return root;
      const place = placeOf(run.id, key);
      return rowOf(place.run, place.step);
    },
    rowOf,
    linesOf: (id) => limbOfRun(id)?.lines ?? NONE,
    graft: (child, host) => {
      const node = rowOf(host.branch.run.id, host.step?.id ?? '');
      if (node && !limbs.has(child.id)) limbs.set(child.id, limbOf(child, node));
    },
  };
}

const NONE: readonly Node[] = [];
const all = (): boolean => true;
const none = (): boolean => false;

function limbOf(run: RunView, host: Node | undefined): Limb {
  const { branch, step } = host ?? {};
  return {
    ...{ run, host, depth: branch ? branch.depth + 1 : 0, starters: [], top: [] },
    takenOver:
      branch !== undefined && step !== undefined && (branch.takenOver || isTakenOver(branch.run, step)),
    ...{ lines: [], byId: undefined, taken: 0, orphans: false },
  };
}

function nodesOf(limb: Limb): Map<StepId, Node> {
  if (limb.byId) return limb.byId;
  limb.byId = new Map();
  for (const node of limb.lines) if (node?.step) limb.byId.set(node.step.id, node);
  return limb.byId;
}

function catchUp(limb: Limb, root: Node): void {
  const { run, lines } = limb;
  if (limb.taken === run.steps.length) return;
  if (limb.orphans) {
    // The lines stay, for those of sub-runs hang on them.
    limb.top = [];
    for (const node of lines) if (node) node.children = undefined;
    limb.taken = 0;
    limb.orphans = false;
  }
  let newest = lines[limb.taken - 1];
  const attach = (step: StepView, place: number, parent: Node | undefined) => {
    const known = lines[place];
    const node = known ?? nodeOf(step, undefined, limb);
    node.parent = parent ?? limb.host ?? root;
    if (parent) (parent.children ??= []).push(node);
    else limb.top.push(node);
    newest = node;
    if (known) return;
    lines[place] = node;
    limb.byId?.set(step.id, node);
    if (step.child !== undefined) limb.starters.push(node);
  };
  const waiting: (readonly [step: StepView, place: number])[] = [];
  for (; limb.taken < run.steps.length; limb.taken++) {
    const step = run.steps[limb.taken];
    if (!step) continue;
    const dot = step.id.lastIndexOf('.');
    const parent = dot < 0 ? undefined : around(limb, newest, step.id.slice(0, dot));
    if (dot < 0 || parent) attach(step, limb.taken, parent);
    else waiting.push([step, limb.taken]);
  }
  // Outer ones first: the step around one may have been started after it, or not be there at all.
  waiting.sort(([a], [b]) => a.id.length - b.id.length);
  for (const [step, place] of waiting) {
    const nodes = nodesOf(limb);
    const parent = parentOf(step.id, nodes);
    limb.orphans ||= parent.length !== step.id.lastIndexOf('.');
    attach(step, place, nodes.get(parent));
  }
}

/** The step of this id. Mostly the newest is inside of it, or is it. */
function around(limb: Limb, newest: Node | undefined, id: StepId): Node | undefined {
  for (let at = newest; at?.step && at.branch === limb; at = at.parent) {
    if (at.step.id === id) return at;
    if (at.step.id.length < id.length) break;
  }
  return nodesOf(limb).get(id);
}

function mark({ lines }: Limb, matches: (step: StepView) => boolean, listing: number): void {
  for (const node of lines) {
    if (!node?.step || !matches(node.step)) continue;
    for (let at: Node | undefined = node; at && at.listing !== listing; at = at.parent) at.listing = listing;
  }
}

interface Listed {
  readonly inside: (node: Node) => readonly Node[];
  readonly opens: (row: Row) => boolean;
  readonly startsMore: (row: Row) => boolean;
}

function list(root: Node, { inside, opens, startsMore }: Listed): readonly Row[] {
  const rows: Node[] = [];
  // A stack of our own: 1,000 levels of nesting must not end the page's.
  const open: { readonly nodes: readonly Node[]; next: number }[] = [{ nodes: [root], next: 0 }];
  for (let level = open.at(-1); level; level = open.at(-1)) {
    const node = level.nodes[level.next++];
    if (!node) {
      open.pop();
      continue;
    }
    const within = inside(node);
    node.index = rows.length;
    node.level = open.length;
    node.position = level.next;
    node.siblings = level.nodes.length;
    node.expandable = within.length > 0 || startsMore(node);
    node.expanded = node.expandable && opens(node);
    rows.push(node);
    if (node.expanded) open.push({ nodes: within, next: 0 });
  }
  return rows;
}

function nodeOf(step: StepView | undefined, parent: Node | undefined, branch: Limb): Node {
  return {
    step,
    branch,
    level: 1,
    parent,
    index: 0,
    position: 1,
    siblings: 1,
    expandable: false,
    expanded: false,
    children: undefined,
    listing: 0,
    lane: -1,
  };
}

/** The nearest step around it that is there; the run itself (`''`) when none is. */
function parentOf(id: StepId, known: { has(step: StepId): boolean }): StepId {
  for (let end = id.lastIndexOf('.'); end > 0; end = id.lastIndexOf('.', end - 1)) {
    const parent = id.slice(0, end);
    if (known.has(parent)) return parent;
  }
  return '';
}

/** Its step's key; undefined for the run itself. */
export function keyOf({ step, branch }: Row): StepKey | undefined {
  if (!step) return undefined;
  return branch.host ? keyIn('', branch.run.id, step.id) : step.id;
}

/** Everything is inside of the run. */
export function isInside(row: Row | undefined, outer: Row): boolean {
  for (let at = row?.parent; at; at = at.parent) if (at === outer) return true;
  return false;
}
