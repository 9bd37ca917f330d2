import type { ModelUse, RunEvent, RunOrigin, StepId } from '../../../protocol/run-event.ts';
import type { RunStatus } from '../../../protocol/run-view.ts';
import { saysAttemptFailed } from '../../models/routing-notes.ts';
import type { Fact, ModelFact, ToolFact } from './fact.ts';

/** Reads the events of one run in their order, and tells of each what it adds. */
export type FactReader = (event: RunEvent) => readonly Fact[];

interface OpenStep {
  readonly kind: string;
  readonly name: string;
  readonly refused: boolean;
  readonly repeats: number;
  retries: number;
}

interface Run {
  readonly origin: RunOrigin;
  readonly agent: string;
  readonly route: string;
  readonly user: string | undefined;
  readonly startedAt: number;
  worked: number;
  /** Since when it is worked on; undefined while it is not. */
  since: number | undefined;
  activeAt: number;
  resumed: boolean;
}

type Ended = Extract<RunEvent, { type: 'step.finished' | 'step.failed' }>;

/** Calls among which the same one is looked for. */
const LOOKED_BACK = 20;
const NOTHING: readonly Fact[] = [];

export function readFacts(): FactReader {
  let run: Run | undefined;
  const open = new Map<StepId, OpenStep>();
  const calls: string[] = [];
  /** Who leads after a hand-over, by the scope of its step. */
  const leaders = new Map<string, string>();

  const begin = (event: Extract<RunEvent, { type: 'step.started' }>): void => {
    const { step, kind, name, inputHash, attempt, retry } = event;
    const again = open.get(step);
    if (again) {
      if ((retry ?? 0) > 0) again.retries += 1;
      return;
    }
    if (kind === 'tool' && attempt === 1) calls.push(inputHash);
    if (calls.length > LOOKED_BACK) calls.shift();
    open.set(step, {
      ...{ kind, name, refused: isRefused(event), retries: 0 },
      repeats: kind === 'tool' ? calls.filter((call) => call === inputHash).length : 0,
    });
  };

  const end = (event: Ended, of: Run): readonly Fact[] => {
    const step = open.get(event.step);
    open.delete(event.step);
    if (!step) return NOTHING;
    if (step.kind === 'hand-over' && event.type === 'step.finished')
      leaders.set(scopeOf(event.step), step.name);
    if (isCopied(event, of)) return NOTHING;
    const agent = leaders.get(scopeOf(event.step)) ?? of.agent;
    const common = { run: event.run, at: event.at, agent, route: of.route, user: of.user };
    const live = of.origin.kind === 'replay' ? of.origin.live : undefined;
    const uses = event.type === 'step.finished' && live !== 'tools' ? usesOf(event) : [];
    const models = uses.map((use) =>
      modelFact({ ...common, route: step.kind === 'chat' ? step.name : of.route }, event, step, use),
    );
    if (step.kind === 'chat' && event.type === 'step.failed')
      return [modelFact({ ...common, route: step.name }, event, step, undefined)];
    if (step.kind !== 'tool' || step.refused || live === 'models') return models;
    return [...models, toolFact(common, event, step)];
  };

  const turn = (event: RunEvent, of: Run, status: RunStatus): readonly Fact[] => {
    const { origin, agent, route, user, startedAt, worked } = of;
    const activeMs = Math.max(0, of.since === undefined ? worked : worked + event.at - of.since);
    return [
      {
        ...{ kind: 'run', run: event.run, at: startedAt, agent, route, user },
        ...{ status, isPart: origin.kind === 'sub-run', until: event.at, activeMs },
      },
    ];
  };

  return (event) => {
    if (event.type === 'run.started') {
      const { origin, agent, route, user, at } = event;
      const fresh = { worked: 0, since: at, activeAt: at, resumed: false };
      run = { origin, agent, route, user, startedAt: at, ...fresh };
      return turn(event, run, 'running');
    }
    if (!run) return NOTHING;
    switch (event.type) {
      case 'run.resumed': {
        // The process that worked on it has died, and nobody knows when after its last word.
        if (run.since !== undefined) run.worked += run.activeAt - run.since;
        run.since = undefined;
        const facts = turn(event, run, 'running');
        run.since = event.at;
        run.activeAt = event.at;
        run.resumed = true;
        return facts;
      }
      case 'run.paused':
      case 'run.finished': {
        const facts = turn(event, run, event.type === 'run.paused' ? 'paused' : event.outcome);
        if (run.since !== undefined) run.worked += Math.max(0, event.at - run.since);
        run.since = undefined;
        return facts;
      }
      case 'step.started':
        begin(event);
        break;
      case 'step.note': {
        const step = open.get(event.step);
        if (step?.kind === 'chat' && saysAttemptFailed(event.text)) step.retries += 1;
        break;
      }
      case 'step.finished':
      case 'step.failed':
        run.activeAt = event.at;
        return end(event, run);
      case 'step.interrupted':
        // It is noticed when the run is taken up again, which may be days after it was.
        return NOTHING;
      default:
    }
    run.activeAt = event.at;
    return NOTHING;
  };
}

function usesOf(event: Extract<RunEvent, { type: 'step.finished' }>): readonly ModelUse[] {
  return [...(event.model ? [event.model] : []), ...(event.tool?.sampled ?? [])];
}

function modelFact(
  common: Pick<ModelFact, 'run' | 'at' | 'agent' | 'route' | 'user'>,
  { durationMs }: Ended,
  step: OpenStep,
  use: ModelUse | undefined,
): ModelFact {
  const cost = use?.cost;
  return {
    kind: 'model',
    ...common,
    model: use && `${use.provider}/${use.model}`,
    durationMs: step.kind === 'chat' ? durationMs : undefined,
    firstTokenMs: use?.firstTokenMs,
    inputTokens: use?.usage.input ?? 0,
    outputTokens: use?.usage.output ?? 0,
    cacheReadTokens: use?.usage.cacheRead ?? 0,
    usd: usdOf(cost),
    priced: cost?.kind === 'priced' || cost?.kind === 'estimated',
    estimated: cost?.kind === 'estimated',
    retries: step.kind === 'chat' ? step.retries : 0,
    failed: use === undefined,
  };
}

/** A call that failed before any answer has no bill. */
function usdOf(cost: ModelUse['cost'] | undefined): number | undefined {
  if (cost === undefined || cost.kind === 'free') return 0;
  return cost.kind === 'unknown' ? undefined : cost.usd;
}

function toolFact(
  common: Pick<ToolFact, 'run' | 'at' | 'agent' | 'route' | 'user'>,
  event: Ended,
  step: OpenStep,
): ToolFact {
  const { durationMs } = event;
  const ended = event.type === 'step.finished' ? event : undefined;
  return {
    kind: 'tool',
    ...common,
    tool: step.name,
    durationMs,
    cached: ended?.tool?.cached ?? false,
    retries: step.retries,
    failed: ended ? (ended.isError ?? false) : true,
    repeats: step.repeats,
  };
}

/** What a fork begins with was done, and paid, in another run; it is all written at the moment of its start. */
function isCopied(event: RunEvent, { origin, startedAt, resumed }: Run): boolean {
  return origin.kind === 'fork' && !resumed && event.at === startedAt;
}

/** A person or a rule said no to the call, so no tool has failed. */
function isRefused({ input }: Extract<RunEvent, { type: 'step.started' }>): boolean {
  if (!('inline' in input)) return false;
  const { inline } = input;
  return typeof inline === 'object' && inline !== null && 'refusal' in inline;
}

function scopeOf(step: StepId): string {
  return step.slice(0, step.lastIndexOf('.') + 1);
}
