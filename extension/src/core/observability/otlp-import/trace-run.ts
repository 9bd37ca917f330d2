import type { Json } from '../../../base/json.ts';
import { canonicalJson } from '../../../base/json.ts';
import { writeConversation } from '../../../protocol/conversation.ts';
import type { Cost, Message } from '../../../protocol/message.ts';
import type {
  BlobId,
  ErrorInfo,
  ModelUse,
  Payload,
  RunEvent,
  RunEventBody,
  RunId,
} from '../../../protocol/run-event.ts';
import { RUN_EVENT_VERSION } from '../../../protocol/run-event.ts';
import { sha256 } from '../../orchestration/hash.ts';
import { toPayload } from '../../orchestration/payload.ts';
import { genAi, general, operation, strata, TOOL_ERROR } from '../genai-names.ts';
import { names } from './foreign-names.ts';
import { jsonOf, textOf } from './incoming.ts';
import type { IncomingSpan } from './incoming.ts';
import { factsOf } from './span-facts.ts';
import type { SpanFacts } from './span-facts.ts';
import { asObject, messagesOf, plainText } from './span-messages.ts';
import { sourceOf } from './source.ts';
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

/** A model call without a cost, for whoever knows prices. */
export interface UnpricedUse {
  readonly span: string;
  readonly use: Omit<ModelUse, 'cost'>;
}

/** Where usage and no cost is told. Sums of a whole are no calls. */
export function unpricedIn(spans: readonly IncomingSpan[]): readonly UnpricedUse[] {
  const nodes = allNodes(traceTree(spans));
  const leaves = leavesWithUsage(nodes);
  return nodes.flatMap(({ span, facts }) => {
    const use =
      leaves.has(span.id) && facts.cost === undefined ? useOf(facts, new Map(), span.id) : undefined;
    return use ? [{ span: span.id, use }] : [];
  });
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

interface Timed {
  readonly at: number;
  /** Where it stands in the log: its time, but never before what must stand before it. */
  readonly order: number;
  readonly body: RunEventBody;
}

interface NodeFacts extends TraceNode {
  readonly facts: SpanFacts;
}

function allNodes(roots: readonly TraceNode[]): readonly NodeFacts[] {
  const found: NodeFacts[] = [];
  const open = [...roots].reverse();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    found.push({ ...next, facts: factsOf(next.span) });
    for (const child of [...next.children].reverse()) open.push(child);
  }
  return found;
}

/** The one span that holds all others, unless it is a call by itself. */
function rootOf(roots: readonly TraceNode[]): TraceNode | undefined {
  const [only, second] = roots;
  if (!only || second) return undefined;
  const { kind } = factsOf(only.span);
  return kind === 'agent' || kind === 'node' || only.span.attributes.has(strata.runStatus) ? only : undefined;
}

/** Usage counts once: where a span and spans below it tell of it, that of the span is their sum. */
function leavesWithUsage(nodes: readonly NodeFacts[]): ReadonlySet<string> {
  const found = new Set<string>();
  const above = new Map<string, string>();
  for (const { span, children } of nodes) for (const child of children) above.set(child.span.id, span.id);
  const sums = new Set<string>();
  for (const { span, facts } of [...nodes].reverse()) {
    if (facts.usage === undefined && !sums.has(span.id)) continue;
    if (!sums.has(span.id)) found.add(span.id);
    const parent = above.get(span.id);
    if (parent !== undefined) sums.add(parent);
  }
  return found;
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

interface StepParts {
  readonly putBlob: (text: string) => BlobId;
  readonly payload: (value: Json) => Payload;
  readonly chats: (messages: readonly Message[]) => BlobId;
  readonly leaves: ReadonlySet<string>;
  readonly costs: ReadonlyMap<string, Cost>;
}

function stepEvents(
  { span }: TraceNode,
  facts: SpanFacts,
  step: string,
  from: number,
  parts: StepParts,
): readonly Timed[] {
  const { kind, name } = facts;
  const { input, output } = contentOf(span, facts, parts);
  // To the microsecond, which is what is left of a nanosecond in a double of today's time.
  const durationMs = Math.round((endOf(span) - span.start) * 1000) / 1000;
  const to = Math.max(from, endOf(span));
  const model = parts.leaves.has(span.id) ? useOf(facts, parts.costs, span.id) : undefined;
  const started: RunEventBody = {
    type: 'step.started',
    ...{ step, kind, name, effect: 'read', attempt: 1 },
    inputHash: sha256(canonicalJson({ kind, name, input })),
    input: parts.payload(input),
  };
  const notes = notesOf(span).map((text): RunEventBody => ({ type: 'step.note', step, level: 'info', text }));
  const isToolError = textOf(span.attributes, general.errorType) === TOOL_ERROR;
  const ended = ((): RunEventBody => {
    if (span.end === undefined)
      return {
        type: 'step.interrupted',
        step,
        reason: { code: 'not-ended', message: 'Nobody told of its end.' },
      };
    if (span.failed && !isToolError && model === undefined)
      return { type: 'step.failed', step, error: errorOf(span), durationMs };
    return {
      type: 'step.finished',
      ...{ step, output: parts.payload(output), durationMs },
      ...(span.failed ? { isError: true } : {}),
      ...(model ? { model } : {}),
    };
  })();
  return [
    { at: span.start, order: from, body: started },
    ...notes.map((body) => ({ at: span.start, order: from, body })),
    { at: Math.max(span.start, endOf(span)), order: to, body: ended },
  ];
}

/** What was wrong with the span itself, and events that somebody wrote into it. */
function notesOf(span: IncomingSpan): readonly string[] {
  const odd =
    span.end !== undefined && span.end < span.start ? ['Its end is told to be before its start.'] : [];
  const written = span.events.flatMap(({ name, attributes }) => {
    if (name === '' || name.startsWith('gen_ai.') || name === 'exception') return [];
    const text = textOf(attributes, strata.noteText, 'message', 'body');
    return [text === undefined ? name : `${name}: ${text}`];
  });
  return [...odd, ...written.slice(0, MOST_NOTES)];
}

const MOST_NOTES = 100;

function errorOf(span: IncomingSpan): ErrorInfo {
  const thrown = span.events.find(({ name }) => name === 'exception')?.attributes ?? new Map<string, Json>();
  const code = textOf(span.attributes, general.errorType) ?? textOf(thrown, general.exceptionType) ?? 'error';
  const message = span.message || (textOf(thrown, general.exceptionMessage) ?? 'It failed.');
  return { code, message };
}

function useOf(facts: SpanFacts, costs: ReadonlyMap<string, Cost>, span: string): ModelUse | undefined {
  const { usage, model, provider, firstTokenMs } = facts;
  if (!usage) return undefined;
  return {
    ...{ provider, model: model ?? facts.name, usage },
    cost: facts.cost ?? costs.get(span) ?? { kind: 'unknown' },
    ...(firstTokenMs === undefined ? {} : { firstTokenMs }),
  };
}

function contentOf(
  span: IncomingSpan,
  { kind, name }: SpanFacts,
  { chats, putBlob }: StepParts,
): { readonly input: Json; readonly output: Json } {
  const { attributes } = span;
  if (kind === 'chat') {
    const { input, output } = messagesOf(span);
    const tools = jsonOf(attributes.get(genAi.toolDefinitions));
    return {
      input: {
        conversation: chats(input),
        ...(Array.isArray(tools) ? { tools: putBlob(canonicalJson(tools)) } : {}),
      },
      // Messages are plain data, which an interface without an index signature cannot say of itself.
      output: (output ?? { role: 'assistant', content: [] }) as unknown as Json,
    };
  }
  const given = jsonOf(firstOf(span, names.toolInput));
  const told = jsonOf(firstOf(span, names.toolOutput));
  if (kind !== 'tool') {
    const answer = plainText(told, 'assistant');
    return {
      input: { ...(given === undefined ? {} : { input: given }), ...otherAttributes(span) },
      output: {
        ...(kind === 'agent' ? { outcome: span.failed ? 'failed' : 'succeeded' } : {}),
        ...(answer === undefined ? {} : { answer }),
      },
    };
  }
  const text = told === undefined ? '' : typeof told === 'string' ? told : JSON.stringify(told);
  const content = memberList(told) ?? [{ type: 'text', text }];
  return {
    input: { tool: name, arguments: asObject(given) },
    output: { content, isError: span.failed },
  };
}

/** A result that has the form of ours already. */
function memberList(value: Json | undefined): readonly Json[] | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !('content' in value))
    return undefined;
  const { content } = value;
  return Array.isArray(content) ? (content as readonly Json[]) : undefined;
}

function firstOf(span: IncomingSpan, keys: readonly string[]): Json | undefined {
  const key = keys.find((one) => span.attributes.has(one));
  return key === undefined ? undefined : span.attributes.get(key);
}

/** What a span says of itself beside what is shown elsewhere; a part of a run by others has nothing but this. */
function otherAttributes({ attributes }: IncomingSpan): Record<string, Json> {
  const shown = new Set<string>([...names.toolInput, ...names.toolOutput]);
  return Object.fromEntries([...attributes].filter(([key]) => !shown.has(key)));
}

/** Each model call holds all that was said before: what is the same as in the call before is kept once. */
function conversations(putBlob: (text: string) => BlobId): (messages: readonly Message[]) => BlobId {
  let last: { readonly texts: readonly string[]; readonly id: BlobId } | undefined;
  return (messages) => {
    const texts = messages.map((message) => JSON.stringify(message));
    const before = last;
    const goesOn = before !== undefined && before.texts.every((text, index) => text === texts[index]);
    const id = goesOn
      ? writeConversation(putBlob, before.id, messages.slice(before.texts.length))
      : writeConversation(putBlob, null, messages);
    last = { texts, id };
    return id;
  };
}

interface Whole {
  readonly root: TraceNode | undefined;
  readonly nodes: readonly NodeFacts[];
  readonly isWhole: boolean;
}

function endOf({ start, end = start }: IncomingSpan): number {
  return Math.max(start, end);
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

function agentOf(root: TraceNode | undefined, nodes: readonly NodeFacts[]): string {
  const spans = [
    ...(root ? [root.span] : []),
    ...nodes.filter(({ facts }) => facts.kind === 'agent').map(({ span }) => span),
  ];
  for (const span of spans) {
    const name = textOf(span.attributes, genAi.agentName) ?? textOf(span.attributes, ...names.workflow);
    if (name !== undefined) return name;
  }
  const [first] = nodes;
  const prefix = new RegExp(`^${operation.invokeAgent} `);
  return root?.span.name.replace(prefix, '') || first?.span.service || first?.span.name || 'trace';
}

function taskOf(root: TraceNode | undefined, nodes: readonly NodeFacts[]): string {
  const own = root && plainText(firstOf(root.span, ['gen_ai.input.messages', ...names.anyInput]), 'user');
  if (own !== undefined && own !== '') return own;
  for (const { span, facts } of nodes) {
    const prompt = facts.kind === 'node' ? textOf(span.attributes, 'prompt', 'user_prompt') : undefined;
    if (prompt !== undefined) return prompt;
    if (facts.kind !== 'chat') continue;
    const asked = messagesOf(span).input.find(({ role }) => role === 'user');
    const text = asked && plainText([asked as unknown as Json], 'user');
    if (text !== undefined && text !== '') return text;
  }
  return root?.span.name ?? nodes[0]?.span.name ?? '';
}

function answerOf(root: TraceNode | undefined, nodes: readonly NodeFacts[]): string | undefined {
  const own =
    root && plainText(firstOf(root.span, ['gen_ai.output.messages', ...names.anyOutput]), 'assistant');
  if (own !== undefined && own !== '') return own;
  const last = nodes.findLast(({ facts }) => facts.kind === 'chat');
  const output = last && messagesOf(last.span).output;
  return output && (plainText([output as unknown as Json], 'assistant') || undefined);
}

/** What stands in the place of an input. */
function importedFacts(first: IncomingSpan | undefined, nodes: readonly NodeFacts[]): Json {
  const session = nodes.flatMap(({ span }) => textOf(span.attributes, ...names.conversation) ?? []);
  return {
    trace: first?.trace ?? '',
    service: first?.service ?? '',
    ...(session[0] === undefined ? {} : { session: session[0] }),
    spans: nodes.length,
  };
}
