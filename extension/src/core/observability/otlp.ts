import type { BlobId, ErrorInfo, RunEvent, RunId, StepId } from '../../protocol/run-event.ts';
import type { RunView, StepView } from '../../protocol/run-view.ts';
import type { EgressConnection } from '../../protocol/tool-use.ts';
import { foldRun } from '../../protocol/run-view.ts';
import { TOOL_ERROR, genAi, general, operation, strata } from './genai-names.ts';
import type { KeyValue, Span, SpanEvent, TracesData } from './otlp-shape.ts';
import {
  SPAN_KIND_CLIENT,
  SPAN_KIND_INTERNAL,
  STATUS_ERROR,
  STATUS_OK,
  STATUS_UNSET,
  double,
  keyValues,
  nanos,
} from './otlp-shape.ts';
import { runContent, stepContent } from './span-content.ts';
import { spanIdOf, traceIdOf } from './span-ids.ts';

export interface OtlpOptions {
  /** Messages, arguments, results, the task and paths. Without it an export says what happened and not about what. */
  readonly includeContent: boolean;
  /** Needed for content. */
  readonly getBlob?: (id: BlobId) => string;
}

/**
 * A run as one OTLP trace: the run is the root span, each step a span inside the step around it. Events of its sub-runs may
 * follow its own: their spans stand in the same trace, inside the steps that they are for. An unfinished run is exported as
 * far as it got. Token usage stands on model calls alone: back ends add up what they find in a trace.
 */
export function toOtlpJson(events: readonly RunEvent[], options: OtlpOptions): TracesData {
  const [root] = events;
  if (!root) return { resourceSpans: [] };
  const version = versionOf(events);
  const spans = [...Map.groupBy(events, ({ run }) => run).values()].flatMap((own) =>
    spansOf(own, root.run, options),
  );
  return {
    resourceSpans: [
      {
        resource: {
          attributes: keyValues({ [general.serviceName]: 'strata', [general.serviceVersion]: version }),
        },
        scopeSpans: [{ scope: { name: 'strata', version }, spans }],
      },
    ],
  };
}

/** All but the trace that it stands in. */
type OwnSpan = Omit<Span, 'traceId'>;

function spansOf(events: readonly RunEvent[], root: RunId, options: OtlpOptions): Span[] {
  const run = foldRun(events);
  if (!run) return [];
  const moments = momentsOf(events, options);
  const known = new Set(run.steps.map((step) => step.id));
  const traceId = traceIdOf(root);
  return [
    { traceId, ...runSpan(run, root, moments, options) },
    ...run.steps.map((step) => ({
      traceId,
      ...stepSpan(run, step, { root, parent: parentOf(step.id, known) }, moments, options),
    })),
  ];
}

/** Moments inside of spans, by step; those of the run itself under the empty text. */
interface Moments {
  readonly events: ReadonlyMap<StepId, readonly SpanEvent[]>;
  readonly firstStart: ReadonlyMap<StepId, number>;
  readonly lastEnd: ReadonlyMap<StepId, number>;
}

function runSpan(
  run: RunView,
  root: RunId,
  moments: Moments,
  { includeContent, getBlob }: OtlpOptions,
): OwnSpan {
  const { origin } = run;
  return {
    spanId: spanIdOf(run.id),
    ...(origin.kind === 'sub-run' && run.id !== root
      ? { parentSpanId: spanIdOf(origin.run, origin.step) }
      : {}),
    name: `${operation.invokeAgent} ${run.agent}`.trim(),
    kind: SPAN_KIND_INTERNAL,
    startTimeUnixNano: nanos(run.startedAt),
    endTimeUnixNano: nanos(Math.max(run.startedAt, run.endedAt ?? run.updatedAt)),
    attributes: [
      ...keyValues({
        [genAi.operation]: operation.invokeAgent,
        [genAi.agentName]: run.agent,
        [genAi.conversationId]: root,
        [general.errorType]: run.status === 'failed' ? run.error?.code : undefined,
        [strata.run]: run.id,
        [strata.runStatus]: run.status,
        [strata.route]: run.route,
        [strata.isolation]: run.isolation,
        // Content too: it says who somebody is.
        [general.user]: includeContent ? run.user : undefined,
      }),
      ...(includeContent && getBlob ? runContent(run, getBlob) : []),
    ],
    events: moments.events.get('') ?? [],
    status: runStatus(run),
  };
}

function stepSpan(
  run: RunView,
  step: StepView,
  { root, parent }: { readonly root: RunId; readonly parent: StepId | undefined },
  moments: Moments,
  { includeContent, getBlob }: OtlpOptions,
): OwnSpan {
  const start = moments.firstStart.get(step.id) ?? step.startedAt;
  return {
    spanId: spanIdOf(run.id, step.id),
    parentSpanId: spanIdOf(run.id, parent),
    name: nameOf(step),
    kind: step.kind === 'chat' ? SPAN_KIND_CLIENT : SPAN_KIND_INTERNAL,
    startTimeUnixNano: nanos(start),
    endTimeUnixNano: nanos(Math.max(start, moments.lastEnd.get(step.id) ?? run.updatedAt)),
    attributes: [
      ...keyValues({
        [genAi.operation]: operationOf(step),
        [genAi.conversationId]: root,
        [genAi.toolName]: step.kind === 'tool' ? step.name : undefined,
        [general.errorType]: step.error?.code ?? (step.isError ? TOOL_ERROR : undefined),
      }),
      ...modelAttributes(step),
      ...toolAttributes(step),
      ...keyValues({
        [strata.run]: run.id,
        [strata.step]: step.id,
        [strata.stepKind]: step.kind,
        [strata.stepName]: step.name,
        [strata.stepStatus]: step.status,
        [strata.effect]: step.effect,
        [strata.attempt]: step.attempt,
        [strata.inputHash]: step.inputHash,
        [strata.filesChanged]: step.files?.paths.length,
      }),
      ...(includeContent && getBlob ? stepContent(step, getBlob) : []),
    ],
    events: moments.events.get(step.id) ?? [],
    status: stepStatus(step),
  };
}

function nameOf(step: StepView): string {
  const does = operationOf(step);
  if (step.kind === 'chat') return `${operation.chat} ${step.model?.model ?? step.name}`;
  if (step.kind === 'tool') return `${operation.executeTool} ${step.name}`;
  return does ?? `${step.kind} ${step.name}`;
}

/** Steps that no convention knows (snapshots, approvals, …) have no operation, and their own kind as an attribute. */
function operationOf(step: StepView): string | undefined {
  switch (step.kind) {
    case 'chat':
      return operation.chat;
    case 'tool':
      return operation.executeTool;
    case 'recall':
      return operation.searchMemory;
    case 'remember':
      return operation.upsertMemory;
    default:
      return undefined;
  }
}

function modelAttributes({ kind, model }: StepView): KeyValue[] {
  if (kind !== 'chat' || !model) return [];
  const { usage, cost } = model;
  return [
    ...keyValues({
      [genAi.provider]: model.provider,
      [genAi.requestModel]: model.model,
      [genAi.responseModel]: model.model,
      [genAi.inputTokens]: usage.input,
      [genAi.outputTokens]: usage.output,
      [genAi.cacheReadTokens]: usage.cacheRead,
      [genAi.cacheWriteTokens]: usage.cacheWrite,
      [genAi.reasoningTokens]: usage.reasoning,
      [strata.costKind]: cost.kind,
    }),
    ...double(
      genAi.timeToFirstChunk,
      model.firstTokenMs === undefined ? undefined : model.firstTokenMs / 1000,
    ),
    ...double(genAi.cost, 'usd' in cost ? cost.usd : cost.kind === 'free' ? 0 : undefined),
  ];
}

/** Of a tool call: who answered, and what its server made models answer, which no other span counts. */
function toolAttributes({ tool }: StepView): KeyValue[] {
  if (!tool) return [];
  const { connections, sampled } = tool;
  const sum = (tokens: 'input' | 'output'): number | undefined =>
    sampled?.reduce((total, { usage }) => total + usage[tokens], 0);
  return keyValues({
    [strata.toolServer]: tool.server,
    [general.imageId]: tool.image,
    [strata.toolCached]: tool.cached,
    [strata.toolWaited]: tool.waitedMs,
    [strata.toolConnections]: connections?.length,
    [strata.toolRefused]: connections?.filter(({ allowed }) => !allowed).length,
    [strata.toolSampled]: sampled?.length,
    [genAi.inputTokens]: sum('input'),
    [genAi.outputTokens]: sum('output'),
  });
}

function runStatus(run: RunView): Span['status'] {
  if (run.status === 'succeeded') return { code: STATUS_OK };
  if (run.status !== 'failed') return { code: STATUS_UNSET };
  return failure(run.error);
}

function stepStatus(step: StepView): Span['status'] {
  if (step.status === 'failed' || step.status === 'interrupted') return failure(step.error);
  if (step.isError) return { code: STATUS_ERROR, message: TOOL_ERROR };
  return { code: STATUS_UNSET };
}

function failure(error: ErrorInfo | undefined): Span['status'] {
  return error ? { code: STATUS_ERROR, message: error.message.toWellFormed() } : { code: STATUS_ERROR };
}

function momentsOf(events: readonly RunEvent[], { includeContent }: OtlpOptions): Moments {
  const found = new Map<StepId, SpanEvent[]>();
  const firstStart = new Map<StepId, number>();
  const lastEnd = new Map<StepId, number>();
  const add = (step: StepId, at: number, name: string, attributes: KeyValue[]) => {
    const list = found.get(step) ?? [];
    list.push({ timeUnixNano: nanos(at), name, attributes });
    found.set(step, list);
  };
  for (const event of events) {
    switch (event.type) {
      case 'run.paused':
        add('', event.at, 'strata.run.paused', errorAttributes(event.reason));
        break;
      case 'run.resumed':
        add('', event.at, 'strata.run.resumed', []);
        break;
      case 'run.steered':
        add('', event.at, 'strata.run.steered', []);
        break;
      case 'run.rated':
        add(
          '',
          event.at,
          'strata.run.rated',
          keyValues({
            [strata.verdict]: event.rating.verdict,
            [strata.correction]: includeContent ? event.rating.correction : undefined,
          }),
        );
        break;
      case 'run.restored':
        add(event.step, event.at, 'strata.run.restored', []);
        break;
      case 'step.started':
        if (!firstStart.has(event.step)) firstStart.set(event.step, event.at);
        lastEnd.delete(event.step);
        if (event.attempt > 1) {
          add(event.step, event.at, 'strata.step.attempt', keyValues({ [strata.attempt]: event.attempt }));
        }
        break;
      case 'step.note':
        add(
          event.step,
          event.at,
          'strata.step.note',
          keyValues({ [strata.noteLevel]: event.level, [strata.noteText]: event.text }),
        );
        break;
      case 'step.finished':
        lastEnd.set(event.step, event.at);
        // Names of hosts are content: they say what a run is about.
        for (const one of includeContent ? (event.tool?.connections ?? []) : [])
          add(event.step, one.at, 'strata.tool.connection', connectionAttributes(one));
        break;
      case 'step.failed':
        lastEnd.set(event.step, event.at);
        add(event.step, event.at, 'exception', errorAttributes(event.error));
        break;
      case 'step.interrupted':
        lastEnd.set(event.step, event.at);
        add(event.step, event.at, 'strata.step.interrupted', errorAttributes(event.reason));
        break;
      case 'run.started':
      case 'run.finished':
      case 'run.changes':
      case 'step.output':
        break;
    }
  }
  return { events: found, firstStart, lastEnd };
}

function connectionAttributes(connection: EgressConnection): KeyValue[] {
  return keyValues({
    [general.serverAddress]: connection.host,
    [general.serverPort]: connection.port,
    [strata.allowed]: connection.allowed,
    [strata.sentBytes]: connection.sentBytes,
    [strata.receivedBytes]: connection.receivedBytes,
  });
}

function errorAttributes(error: ErrorInfo): KeyValue[] {
  return keyValues({ [general.exceptionType]: error.code, [general.exceptionMessage]: error.message });
}

function parentOf(id: StepId, known: ReadonlySet<StepId>): StepId | undefined {
  for (let end = id.lastIndexOf('.'); end > 0; end = id.lastIndexOf('.', end - 1)) {
    const parent = id.slice(0, end);
    if (known.has(parent)) return parent;
  }
  return undefined;
}

function versionOf(events: readonly RunEvent[]): string {
  const started = events.find((event) => event.type === 'run.started');
  return started?.strata ?? '';
}
