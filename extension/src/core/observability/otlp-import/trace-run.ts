import type { Json } from '../../../base/json.ts';
import type { Cost } from '../../../protocol/message.ts';
import type { BlobId, Payload, RunEvent, RunEventBody, RunId } from '../../../protocol/run-event.ts';
import { RUN_EVENT_VERSION } from '../../../protocol/run-event.ts';
import { sha256 } from '../../orchestration/hash.ts';
import { toPayload } from '../../orchestration/payload.ts';
import { strata } from '../genai-names.ts';
import { textOf } from './incoming.ts';
import type { IncomingSpan } from './incoming.ts';
import { leavesWithUsage } from './priced-calls.ts';
import { agentOf, answerOf, importedFacts, taskOf, userOf } from './run-words.ts';
import { sourceOf } from './source.ts';
import { factsOf } from './span-facts.ts';
import { conversations } from './step-content.ts';
import { errorOf, stepEvents } from './step-events.ts';
import type { Timed } from './step-events.ts';
import { allNodes, endOf } from './trace-nodes.ts';
import type { NodeFacts } from './trace-nodes.ts';
import { traceTree } from './trace-tree.ts';
import type { TraceNode } from './trace-tree.ts';

export interface TraceRun {
  readonly events: readonly RunEvent[];
  readonly blobs: ReadonlyMap<BlobId, string>;
}

export interface TraceRunOptions {
  readonly run: RunId;
  /** Real path of the workspace folder that it is shown in. */
  readonly folder: string;
  /** Version of Strata. */
  readonly version: string;
  /** Of calls whose span says nothing of a cost, by the id of the span. */
  readonly costs: ReadonlyMap<string, Cost>;
  /** Its spans are still coming in: one whose parent has not come says that there is more. */
  readonly isComing?: boolean;
}

/** The spans of one trace as a run: each is a step inside of its parent's, and a single one at the top is the run itself. */
export function runOfTrace(spans: readonly IncomingSpan[], options: TraceRunOptions): TraceRun {
  const blobs = new Map<BlobId, string>();
  const putBlob = (text: string): BlobId => {
    const id = sha256(text);
    blobs.set(id, text);
    return id;
  };
  const roots = traceTree(spans);
  const nodes = allNodes(roots);
  const root = rootOf(roots);
  const leaves = leavesWithUsage(nodes);
  const chats = conversations(putBlob);
  const timed: Timed[] = [];
  const begin = Math.min(...nodes.map(({ span }) => span.start));
  const end = nodes.reduce((latest, { span }) => Math.max(latest, endOf(span)), begin);
  const parts = {
    putBlob,
    payload: (value: Json) => toPayload({ putBlob }, value),
    chats,
    leaves,
    costs: options.costs,
  };

  walk(root ? root.children : roots, (node, step, floor) => {
    const facts = factsOf(node.span);
    // Children are listed after their parents, also when their clock ran behind.
    const from = Math.max(floor, node.span.start);
    timed.push(...stepEvents(node, facts, step, from, parts));
    return from;
  });
  timed.sort((a, b) => a.order - b.order);

  const first = root?.span ?? nodes[0]?.span;
  const answer = answerOf(root, nodes);
  const user = userOf(nodes);
  const started: RunEventBody = {
    type: 'run.started',
    origin: { kind: 'import', source: sourceOf(nodes.map(({ span }) => span)), trace: first?.trace ?? '' },
    agent: agentOf(root, nodes),
    task: taskOf(root, nodes),
    folder: options.folder,
    route: '',
    isolation: 'copy',
    input: { inline: { imported: importedFacts(first, nodes) } },
    strata: options.version,
    ...(user === undefined ? {} : { user }),
  };
  const known = new Set(nodes.map(({ span }) => span.id));
  const isWhole =
    options.isComing !== true ||
    !nodes.some(({ span }) => span.parent !== undefined && !known.has(span.parent));
  const bodies: readonly Timed[] = [
    { at: begin, order: begin, body: started },
    ...timed,
    ...ending({ root, nodes, isWhole }, end, answer === undefined ? undefined : parts.payload(answer)),
  ];
  return {
    events: bodies.map(({ at, body }, index): RunEvent => {
      const envelope = {
        v: RUN_EVENT_VERSION,
        run: options.run,
        seq: index + 1,
        at: Math.round(at),
      } as const;
      return { ...envelope, ...body };
    }),
    blobs,
  };
}

/** The one span that holds all others, unless it is a call by itself. */
function rootOf(roots: readonly TraceNode[]): TraceNode | undefined {
  const [only, second] = roots;
  if (!only || second) return undefined;
  const { kind } = factsOf(only.span);
  return kind === 'agent' || kind === 'node' || only.span.attributes.has(strata.runStatus) ? only : undefined;
}

/** Depth first, without recursion. `visit` returns the time before which nothing below it may stand. */
function walk(
  roots: readonly TraceNode[],
  visit: (node: TraceNode, step: string, floor: number) => number,
): void {
  const open: { readonly node: TraceNode; readonly step: string; readonly floor: number }[] = [];
  const push = (nodes: readonly TraceNode[], prefix: string, floor: number): void => {
    for (let index = nodes.length - 1; index >= 0; index -= 1) {
      const node = nodes[index];
      if (node) open.push({ node, step: `${prefix}${index + 1}`, floor });
    }
  };
  push(roots, '', -Infinity);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const floor = visit(next.node, next.step, next.floor);
    push(next.node.children, `${next.step}.`, floor);
  }
}

interface Whole {
  readonly root: TraceNode | undefined;
  readonly nodes: readonly NodeFacts[];
  readonly isWhole: boolean;
}

function ending({ root, nodes, isWhole }: Whole, at: number, answer: Payload | undefined): readonly Timed[] {
  const tops = root ? [root.span] : nodes.map(({ span }) => span);
  const timed = (body: RunEventBody): readonly Timed[] => [{ at, order: at, body }];
  if (!isWhole || tops.some(({ end }) => end === undefined))
    return timed({
      type: 'run.finished',
      outcome: 'stopped',
      error: { code: 'not-ended', message: 'Nobody told of its end.' },
    });
  const failed = root ? (root.span.failed ? root.span : undefined) : undefined;
  const given = answer === undefined ? {} : { answer };
  return timed(
    failed
      ? { type: 'run.finished', outcome: 'failed', error: errorOf(failed) }
      : { type: 'run.finished', outcome: outcomeOf(root), ...given },
  );
}

/** A run of ours says of itself how it ended. */
function outcomeOf(root: TraceNode | undefined): 'succeeded' | 'stopped' {
  const own = root && textOf(root.span.attributes, strata.runStatus);
  return own === undefined || own === 'succeeded' ? 'succeeded' : 'stopped';
}
