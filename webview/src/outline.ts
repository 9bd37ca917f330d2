import type { StepId } from '../../extension/src/protocol/run-event.ts';
import type { RunView, StepView } from '../../extension/src/protocol/run-view.ts';

/** One line of the list. The first one is the run itself and has no step. */
export interface Row {
  readonly step: StepView | undefined;
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
  /** Where the timeline shows it. */
  lane: number;
}

export interface RowOptions {
  readonly collapsed: ReadonlySet<StepId>;
  /** Only these, and what they are inside of, whatever is collapsed. */
  readonly matches?: ((step: StepView) => boolean) | undefined;
  /** Only what had been started by then. */
  readonly until?: number | undefined;
}

export interface Outline {
  /** Depth first. The lines are the same objects each time, so that 100,000 of them cost little to list again. */
  rows(options: RowOptions): readonly Row[];
  row(step: StepId | undefined): Row | undefined;
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

const NONE: readonly Node[] = [];

/** The run's steps as a tree. What the run has got since the last time is taken in with each listing. */
export function createOutline(run: RunView): Outline {
  let root = nodeOf(undefined, undefined);
  let nodes = new Map<StepId, Node>();
  let taken = 0;
  /** Some step stands under a farther one because its own parent was not there; it may come later. */
  let orphans = false;
  let listings = 0;

  const catchUp = () => {
    if (taken === run.steps.length) return;
    if (orphans) {
      root = nodeOf(undefined, undefined);
      nodes = new Map();
      taken = 0;
      orphans = false;
    }
    const waiting: StepView[] = [];
    for (; taken < run.steps.length; taken++) {
      const step = run.steps[taken];
      if (!step) continue;
      const dot = step.id.lastIndexOf('.');
      const parent = dot < 0 ? root : nodes.get(step.id.slice(0, dot));
      if (parent) attach(step, parent);
      else waiting.push(step);
    }
    // Outer ones first: the step around one may have been started after it, or not be there at all.
    waiting.sort((a, b) => a.id.length - b.id.length);
    for (const step of waiting) {
      const parent = parentOf(step.id, nodes);
      orphans ||= parent.length !== step.id.lastIndexOf('.');
      attach(step, nodes.get(parent) ?? root);
    }
  };
  const attach = (step: StepView, parent: Node) => {
    const node = nodeOf(step, parent);
    (parent.children ??= []).push(node);
    nodes.set(step.id, node);
  };

  return {
    rows: ({ collapsed, matches, until = Infinity }) => {
      catchUp();
      listings += 1;
      if (matches) {
        for (const node of nodes.values()) {
          if (!node.step || !matches(node.step)) continue;
          for (let at: Node | undefined = node; at && at.listing !== listings; at = at.parent) {
            at.listing = listings;
          }
        }
      }
      const shows = (node: Node) =>
        (node.step === undefined || node.step.startedAt <= until) &&
        (matches === undefined || node.listing === listings);
      const some = matches !== undefined || until !== Infinity;
      return list(root, some ? shows : undefined, (node) =>
        matches ? true : !collapsed.has(node.step?.id ?? ''),
      );
    },
    row: (step) => (step === undefined ? root : nodes.get(step)),
  };
}

function list(
  root: Node,
  shows: ((node: Node) => boolean) | undefined,
  opens: (node: Node) => boolean,
): readonly Row[] {
  const rows: Node[] = [];
  // A stack of our own: 1,000 levels of nesting must not end the page's.
  const open: { readonly nodes: readonly Node[]; next: number }[] = [{ nodes: [root], next: 0 }];
  for (let level = open.at(-1); level; level = open.at(-1)) {
    const node = level.nodes[level.next++];
    if (!node) {
      open.pop();
      continue;
    }
    const all = node.children ?? NONE;
    const inside = shows ? all.filter(shows) : all;
    node.index = rows.length;
    node.position = level.next;
    node.siblings = level.nodes.length;
    node.expandable = inside.length > 0;
    node.expanded = inside.length > 0 && opens(node);
    rows.push(node);
    if (node.expanded) open.push({ nodes: inside, next: 0 });
  }
  return rows;
}

function nodeOf(step: StepView | undefined, parent: Node | undefined): Node {
  return {
    step,
    parent,
    level: (parent?.level ?? 0) + 1,
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

/** Everything is inside of the run. */
export function isInside(step: StepId | undefined, outer: StepId | undefined): boolean {
  return step !== undefined && (outer === undefined || step.startsWith(`${outer}.`));
}
