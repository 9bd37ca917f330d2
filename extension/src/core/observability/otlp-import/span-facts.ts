import type { Cost, Usage } from '../../../protocol/message.ts';
import type { StepKind } from '../../../protocol/run-event.ts';
import { STEP_KINDS } from '../../../protocol/run-event.ts';
import { strata } from '../genai-names.ts';
import { names } from './foreign-names.ts';
import { jsonOf, numberOf, textOf } from './incoming.ts';
import type { Attributes, IncomingSpan } from './incoming.ts';
import { memberOf } from './message-form.ts';
import { costOf, usageOf } from './span-usage.ts';

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
  // It calls a retriever `embeddings` and a prompt `chat` by the conventions, and says by its own name what they are.
  const langSmith = textOf(attributes, 'langsmith.span.kind')?.toLowerCase();
  if (langSmith !== undefined) return KINDS[langSmith] ?? 'node';
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

/** OpenInference keeps what LangChain knows of a model as JSON. */
function langChainProvider(attributes: Attributes): string {
  const provider = memberOf(jsonOf(attributes.get('metadata')) ?? '', 'ls_provider');
  return typeof provider === 'string' ? provider : '';
}

function firstTokenOf(attributes: Attributes): number | undefined {
  const seconds = numberOf(attributes, ...names.firstChunkSeconds);
  const ms = seconds === undefined ? numberOf(attributes, ...names.firstChunkMs) : seconds * 1000;
  return ms !== undefined && ms >= 0 ? ms : undefined;
}
