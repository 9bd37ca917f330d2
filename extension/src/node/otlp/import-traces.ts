import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { ACCOUNTS } from '../../core/models/index.ts';
import type { Deployment, Prices } from '../../core/models/index.ts';
import { runOfTrace, unpricedIn } from '../../core/observability/otlp-import/index.ts';
import type { IncomingSpan, UnpricedUse } from '../../core/observability/otlp-import/index.ts';
import type { SecretFilter } from '../../core/redaction/index.ts';
import type { Cost } from '../../protocol/message.ts';
import type { RunId } from '../../protocol/run-event.ts';
import { runIdFor } from '../run-id.ts';
import type { RunStore } from '../sqlite/index.ts';

export interface ImportPorts {
  readonly store: RunStore;
  /** Real path of the workspace folder. */
  readonly folder: string;
  /** Version of Strata. */
  readonly version: string;
  readonly price: Prices['price'];
}

export interface ImportOptions {
  readonly signal: AbortSignal;
  /** Spans are still coming in. */
  readonly isComing?: boolean;
  /** The run that a trace is already, where it is known. */
  readonly runFor?: (trace: string) => RunId | undefined;
}

export interface ImportedTrace {
  readonly trace: string;
  readonly run: RunId;
}

/** Each trace becomes a run, which takes the place of what was imported of it before. */
export async function importTraces(
  spans: readonly IncomingSpan[],
  { store, folder, version, price }: ImportPorts,
  { signal, isComing = false, runFor = () => undefined }: ImportOptions,
): Promise<readonly ImportedTrace[]> {
  const imported: ImportedTrace[] = [];
  const { secrets } = store;
  for (const [trace, own] of Map.groupBy(spans, (span) => span.trace)) {
    // Between traces whoever else is at work in this process gets its turn.
    await turn();
    signal.throwIfAborted();
    const run = runFor(trace) ?? runIdOf(trace, own);
    const costs = await costsOf(unpricedIn(own), price);
    const safe = secrets ? own.map((span) => withoutSecrets(span, secrets)) : own;
    const exported = runOfTrace(safe, { run, folder, version, costs, isComing });
    if (store.has(run)) store.remove(run);
    store.importRun(exported);
    imported.push({ trace, run });
  }
  return imported;
}

/** Before ids are made of what a span holds. */
function withoutSecrets(span: IncomingSpan, secrets: SecretFilter): IncomingSpan {
  const ofAttributes = (attributes: IncomingSpan['attributes']): IncomingSpan['attributes'] =>
    new Map([...attributes].map(([name, value]) => [name, secrets.json(value)]));
  return {
    ...span,
    name: secrets.text(span.name),
    message: secrets.text(span.message),
    attributes: ofAttributes(span.attributes),
    events: span.events.map((event) => ({ ...event, attributes: ofAttributes(event.attributes) })),
  };
}

/** The same trace is the same run, whoever brings it. */
function runIdOf(trace: string, spans: readonly IncomingSpan[]): RunId {
  const start = spans.reduce((first, span) => Math.min(first, span.start), Infinity);
  return runIdFor(start, createHash('sha256').update(`trace ${trace}`).digest());
}

async function costsOf(
  uses: readonly UnpricedUse[],
  price: Prices['price'],
): Promise<ReadonlyMap<string, Cost>> {
  const costs = new Map<string, Cost>();
  for (const { span, use } of uses) {
    const deployment = deploymentOf(use.provider, use.model);
    if (!deployment) continue;
    const found = await price({ deployment, model: use.model, usage: use.usage });
    if (found) costs.set(span, { kind: 'estimated', usd: found.usd });
  }
  return costs;
}

/** By the names of the conventions, such as `gcp.gemini` and `azure.ai.openai`. */
function deploymentOf(provider: string, model: string): Deployment | undefined {
  const word = `${provider} ${model}`.toLowerCase();
  const account = (['anthropic', 'gemini', 'groq', 'openai'] as const).find((name) => word.includes(name));
  const named =
    account ?? (/claude/.test(word) ? 'anthropic' : /^ ?(gpt|o\d)/.test(word) ? 'openai' : undefined);
  if (named === undefined) return undefined;
  const { provider: kind, ...rest } = ACCOUNTS[named];
  return {
    ...{ id: `${named}/${model}`, provider: kind, model },
    ...('baseUrl' in rest ? { baseUrl: rest.baseUrl } : {}),
  };
}
