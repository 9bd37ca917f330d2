import type { Cost, Usage } from '../../../protocol/message.ts';
import type { StepKind } from '../../../protocol/run-event.ts';
import { STEP_KINDS } from '../../../protocol/run-event.ts';
import { strata } from '../genai-names.ts';
import { names } from './foreign-names.ts';
import { jsonOf, numberOf, textOf } from './incoming.ts';
import type { Attributes, IncomingSpan } from './incoming.ts';
import { memberOf } from './message-form.ts';

/** What a span tells of its work. */
export interface SpanFacts {
  readonly kind: StepKind;
  /** Of the step: a tool's name, a model, an agent. */
  readonly name: string;
  readonly provider: string;
  readonly model: string | undefined;
  /** Of one model call, or summed up by whoever wrote the span for all below it. */
  readonly usage: Usage | undefined;
  readonly cost: Cost | undefined;
  readonly firstTokenMs: number | undefined;
}

/** What the words of others mean; those that are not here are a plain part of the run. */
const KINDS: Readonly<Record<string, StepKind>> = {
  // gen_ai.operation.name
  chat: 'chat',
  completion: 'chat',
  text_completion: 'chat',
  generate_content: 'chat',
  generate: 'chat',
  embeddings: 'chat',
  execute_tool: 'tool',
  invoke_agent: 'agent',
  create_agent: 'agent',
  retrieval: 'recall',
  search_memory: 'recall',
  upsert_memory: 'remember',
  // OpenInference, Traceloop, LangSmith, Langfuse
  llm: 'chat',
  embedding: 'chat',
  generation: 'chat',
  tool: 'tool',
  agent: 'agent',
  retriever: 'recall',
  // Claude Code
  llm_request: 'chat',
  // AI SDK
  'ai.generatetext.dogenerate': 'chat',
  'ai.streamtext.dostream': 'chat',
  'ai.generateobject.dogenerate': 'chat',
  'ai.streamobject.dostream': 'chat',
  'ai.embed.doembed': 'chat',
  'ai.embedmany.doembed': 'chat',
  'ai.toolcall': 'tool',
};

export function factsOf(span: IncomingSpan): SpanFacts {
  const { attributes } = span;
  const usage = usageOf(attributes);
  const model = textOf(attributes, ...names.model);
  const kind = kindOf(span, model !== undefined && usage !== undefined);
  return {
    kind,
    name: nameOf(span, kind, model),
    provider: textOf(attributes, ...names.provider) ?? langChainProvider(attributes),
    model,
    usage,
    cost: costOf(attributes),
    firstTokenMs: firstTokenOf(attributes),
  };
}

function kindOf({ attributes, name }: IncomingSpan, hasUsage: boolean): StepKind {
  const own = textOf(attributes, strata.stepKind);
  const ours = STEP_KINDS.find((kind) => kind === own);
  if (ours) return ours;
  for (const key of [...names.operation, ...names.kind]) {
    const kind = KINDS[textOf(attributes, key)?.toLowerCase() ?? ''];
    if (kind) return kind;
  }
  // Told by the name alone, as the conventions form it.
  const [, word = ''] = /^(chat|execute_tool|invoke_agent|embeddings)(?= |$)/.exec(name) ?? [];
  const named = KINDS[word];
  if (named) return named;
  // Sums of a whole that calls models stand on spans with a word for it; without one, it is a call.
  const isSomething = [...names.operation, ...names.kind].some((key) => attributes.has(key));
  return hasUsage && !isSomething ? 'chat' : 'node';
}

const PREFIX = /^(chat|text_completion|generate_content|embeddings|execute_tool|invoke_agent|create_agent) /;

function nameOf({ attributes, name }: IncomingSpan, kind: StepKind, model: string | undefined): string {
  const own = textOf(attributes, strata.stepName);
  if (own !== undefined) return own;
  const plain = name.replace(PREFIX, '').trim() || name || 'span';
  if (kind === 'chat') return model ?? plain;
  if (kind === 'tool') return textOf(attributes, ...names.tool) ?? plain.replace(/\.tool$/, '');
  if (kind === 'agent') return textOf(attributes, ...names.agent) ?? plain;
  return plain;
}

/**
 * Totals are made inclusive: by Anthropic’s own names, and in spans of some libraries, what was read from and written to the
 * cache is counted beside the input.
 */
function usageOf(attributes: Attributes): Usage | undefined {
  const told = numberOf(attributes, ...names.input);
  const output = numberOf(attributes, ...names.output);
  if (told === undefined && output === undefined) return undefined;
  const cacheRead = whole(numberOf(attributes, ...names.cacheRead));
  const cacheWrite = whole(numberOf(attributes, ...names.cacheWrite));
  const reasoning = whole(numberOf(attributes, ...names.reasoning));
  const cached = (cacheRead ?? 0) + (cacheWrite ?? 0);
  const input = whole(told) ?? 0;
  return {
    input: input < cached || isAnthropicWay(attributes) ? input + cached : input,
    output: whole(output) ?? 0,
    ...(cacheRead === undefined ? {} : { cacheRead }),
    ...(cacheWrite === undefined ? {} : { cacheWrite }),
    ...(reasoning === undefined ? {} : { reasoning }),
  };
}

function isAnthropicWay(attributes: Attributes): boolean {
  return attributes.has('input_tokens') && attributes.has('cache_read_tokens');
}

function whole(value: number | undefined): number | undefined {
  return value === undefined || value < 0 ? undefined : Math.round(value);
}

function costOf(attributes: Attributes): Cost | undefined {
  const own = textOf(attributes, strata.costKind);
  if (own === 'free' || own === 'unknown') return { kind: own };
  const usd = numberOf(attributes, ...names.cost) ?? detailsOf(attributes);
  if (usd === undefined || usd < 0) return undefined;
  return { kind: own === 'estimated' ? 'estimated' : 'priced', usd };
}

/** OpenInference keeps what LangChain knows of a model as JSON. */
function langChainProvider(attributes: Attributes): string {
  const provider = memberOf(jsonOf(attributes.get('metadata')) ?? '', 'ls_provider');
  return typeof provider === 'string' ? provider : '';
}

function detailsOf(attributes: Attributes): number | undefined {
  for (const key of names.costDetails) {
    const details = jsonOf(attributes.get(key));
    if (typeof details !== 'object' || details === null || Array.isArray(details)) continue;
    const members = new Map(Object.entries(details));
    const total = members.get('total');
    if (typeof total === 'number') return total;
  }
  return undefined;
}

function firstTokenOf(attributes: Attributes): number | undefined {
  const seconds = numberOf(attributes, ...names.firstChunkSeconds);
  const ms = seconds === undefined ? numberOf(attributes, ...names.firstChunkMs) : seconds * 1000;
  return ms !== undefined && ms >= 0 ? ms : undefined;
}
