import type { Cost } from './message.ts';
import type { ModelUse, Payload, StepEffect } from './run-event.ts';
import { STEP_KINDS } from './run-event.ts';
import type { StepStatus, StepView } from './run-view.ts';

/**
 * Steps on their way from the host to the trace panel, in columns: a run of 100,000 steps is 46 MB as plain JSON and 4 MB like
 * this. Names stand in a table, and what only the step that is looked at shows is left out.
 */
interface StepsPage {
  readonly names: readonly string[];
  /** With a space between them. */
  readonly ids: string;
  readonly kinds: readonly number[];
  /** Places in `names`. */
  readonly called: readonly number[];
  /** Milliseconds after the start of the run. */
  readonly starts: readonly number[];
  /** -1 for a step that has not ended. */
  readonly durations: readonly number[];
  readonly flags: readonly number[];
  /** Of steps with a model, six numbers each, in the order of the steps. */
  readonly models: readonly number[];
  /** What few steps have, by their places. */
  readonly more: Readonly<Record<number, StepMore>>;
}

/**
 * A page as JSON. On its way a message is copied four times, by the extension host, the window, and the frames of the webview;
 * text costs each of them next to nothing.
 */
export type StepsText = string;

type StepMore = Partial<
  Pick<StepView, 'attempt' | 'retry' | 'child' | 'error' | 'rollUp' | 'streamed'> & {
    readonly files: readonly string[];
    /** Of a step that goes on, whose events follow. */
    readonly facts: StepFacts;
  }
>;

/** What one step has beyond its row; asked for when it is looked at. */
export type StepFacts = Pick<StepView, 'id' | 'context' | 'notes' | 'tool' | 'model' | 'files'>;

/** Stands for a payload that is there; the panel asks for it when it shows it. */
export const ELSEWHERE: Payload = { inline: null };

const STATUSES = ['running', 'finished', 'failed', 'interrupted'] as const satisfies readonly StepStatus[];
const EFFECTS = ['read', 'contained', 'change'] as const satisfies readonly StepEffect[];
const COSTS = ['priced', 'estimated', 'unknown', 'free'] as const satisfies readonly Cost['kind'][];
const IS_ERROR = 16;
const EDITED = 32;
const HAS_OUTPUT = 64;
const HAS_MODEL = 128;

export function packSteps(steps: readonly StepView[], startedAt: number): StepsText {
  const places = new Map<string, number>();
  const placeOf = (name: string): number => {
    const known = places.get(name);
    if (known !== undefined) return known;
    places.set(name, places.size);
    return places.size - 1;
  };
  const models: number[] = [];
  const more: Record<number, StepMore> = {};
  steps.forEach((step, index) => {
    if (step.model) models.push(...modelNumbers(step.model, placeOf));
    const rest = moreOf(step);
    if (rest) more[index] = rest;
  });
  const columns = {
    ids: steps.map(({ id }) => id).join(' '),
    kinds: steps.map(({ kind }) => STEP_KINDS.indexOf(kind)),
    called: steps.map(({ name }) => placeOf(name)),
    starts: steps.map((step) => step.startedAt - startedAt),
    durations: steps.map(({ durationMs }) => durationMs ?? -1),
    flags: steps.map(flagsOf),
  };
  const page: StepsPage = { ...columns, models, more, names: [...places.keys()] };
  return JSON.stringify(page);
}

export function unpackSteps(text: StepsText, startedAt: number): StepView[] {
  // Written by `packSteps` of the same build.
  const page = JSON.parse(text) as StepsPage;
  const { names, kinds, called, starts, durations, models, more } = page;
  let nextModel = 0;
  return page.flags.length === 0
    ? []
    : page.ids.split(' ').map((id, index) => {
        const flags = page.flags[index] ?? 0;
        const durationMs = durations[index] ?? -1;
        const rest = more[index];
        const hasModel = (flags & HAS_MODEL) !== 0;
        if (hasModel) nextModel += MODEL_NUMBERS;
        return {
          id,
          kind: STEP_KINDS[kinds[index] ?? -1] ?? 'tool',
          name: names[called[index] ?? -1] ?? '',
          effect: EFFECTS[(flags >> 2) & 3] ?? 'change',
          inputHash: '',
          input: ELSEWHERE,
          status: STATUSES[flags & 3] ?? 'running',
          attempt: rest?.attempt ?? 1,
          startedAt: startedAt + (starts[index] ?? 0),
          durationMs: durationMs < 0 ? undefined : durationMs,
          output: (flags & HAS_OUTPUT) === 0 ? undefined : ELSEWHERE,
          isError: (flags & IS_ERROR) !== 0,
          error: rest?.error,
          model: hasModel ? modelOf(models, nextModel - MODEL_NUMBERS, names) : undefined,
          tool: rest?.facts?.tool,
          files: rest?.files && { before: '', after: '', paths: rest.files },
          retry: rest?.retry ?? 0,
          child: rest?.child,
          context: rest?.facts?.context,
          rollUp: rest?.rollUp,
          edited: (flags & EDITED) !== 0,
          streamed: rest?.streamed ?? '',
          notes: rest?.facts?.notes ?? [],
        };
      });
}

export function stepFacts({ id, context, notes, tool, model, files }: StepView): StepFacts {
  return { id, context, notes, tool, model, files };
}

/** Nothing more will be appended to it, so that what is asked for later is the same. */
export function isSettled({ status }: StepView): boolean {
  return status === 'finished' || status === 'failed';
}

function flagsOf(step: StepView): number {
  return (
    STATUSES.indexOf(step.status) |
    (EFFECTS.indexOf(step.effect) << 2) |
    (step.isError ? IS_ERROR : 0) |
    (step.edited ? EDITED : 0) |
    (step.output === undefined ? 0 : HAS_OUTPUT) |
    (step.model === undefined ? 0 : HAS_MODEL)
  );
}

function moreOf(step: StepView): StepMore | undefined {
  const { attempt, retry, child, error, rollUp, streamed, files } = step;
  const settled = isSettled(step);
  const usual =
    attempt === 1 && retry === 0 && child === undefined && error === undefined && rollUp === undefined;
  if (usual && settled && streamed === '' && files === undefined) return undefined;
  return {
    ...(attempt === 1 ? {} : { attempt }),
    ...(retry === 0 ? {} : { retry }),
    ...(child === undefined ? {} : { child }),
    ...(error === undefined ? {} : { error }),
    ...(rollUp === undefined ? {} : { rollUp }),
    ...(streamed === '' ? {} : { streamed }),
    ...(files === undefined ? {} : { files: files.paths }),
    ...(settled ? {} : { facts: stepFacts(step) }),
  };
}

const MODEL_NUMBERS = 6;

function modelNumbers(
  { provider, model, usage, cost }: ModelUse,
  placeOf: (name: string) => number,
): readonly number[] {
  const usd = cost.kind === 'priced' || cost.kind === 'estimated' ? cost.usd : 0;
  const names = [placeOf(provider), placeOf(model)] as const;
  return [...names, usage.input, usage.output, COSTS.indexOf(cost.kind), usd];
}

function modelOf(numbers: readonly number[], at: number, names: readonly string[]): ModelUse {
  const number = (place: number) => numbers[at + place] ?? 0;
  const kind = COSTS[number(4)] ?? 'unknown';
  return {
    provider: names[number(0)] ?? '',
    model: names[number(1)] ?? '',
    usage: { input: number(2), output: number(3) },
    cost: kind === 'priced' || kind === 'estimated' ? { kind, usd: number(5) } : { kind },
  };
}
