import type { Cost } from './message.ts';
import type { ModelUse, Payload, StepEffect } from './run-event.ts';
import { STEP_KINDS } from './run-event.ts';
import type { StepStatus, StepView } from './run-view.ts';

/**
 * Steps on their way from the host to the trace panel. A run of 100,000 steps is 46 MB as plain JSON and 7 MB like this: each
 * step is a row of numbers and places in a table of names, and what only the step that is looked at shows is left out.
 */
export interface StepsPage {
  /** Names, models and providers that rows refer to by their place. */
  readonly names: readonly string[];
  readonly rows: readonly StepRow[];
}

type StepRow = readonly [
  id: string,
  kind: number,
  name: number,
  /** Milliseconds after the start of the run. */
  startedAt: number,
  /** -1 while it has not ended. */
  durationMs: number,
  flags: number,
  more?: StepMore,
];

/** What few steps have. */
type StepMore = Partial<
  Pick<StepView, 'attempt' | 'retry' | 'child' | 'error' | 'rollUp' | 'streamed'> & {
    readonly files: readonly string[];
    readonly model: ModelRow;
    /** Of a step that goes on, whose events follow. */
    readonly facts: StepFacts;
  }
>;

type ModelRow = readonly [provider: number, model: number, input: number, output: number, cost: Cost];

/** What one step has beyond its row; asked for when it is looked at. */
export type StepFacts = Pick<StepView, 'id' | 'context' | 'notes' | 'tool' | 'model' | 'files'>;

/** Stands for a payload that is there; the panel asks for it when it shows it. */
export const ELSEWHERE: Payload = { inline: null };

const STATUSES = ['running', 'finished', 'failed', 'interrupted'] as const satisfies readonly StepStatus[];
const EFFECTS = ['read', 'contained', 'change'] as const satisfies readonly StepEffect[];
const IS_ERROR = 16;
const EDITED = 32;
const HAS_OUTPUT = 64;

export function packSteps(steps: readonly StepView[], startedAt: number): StepsPage {
  const places = new Map<string, number>();
  const placeOf = (name: string): number => {
    const known = places.get(name);
    if (known !== undefined) return known;
    places.set(name, places.size);
    return places.size - 1;
  };
  const rows = steps.map((step): StepRow => {
    const more = moreOf(step, placeOf);
    const row = [
      step.id,
      STEP_KINDS.indexOf(step.kind),
      placeOf(step.name),
      step.startedAt - startedAt,
      step.durationMs ?? -1,
      flagsOf(step),
    ] as const;
    return more ? [...row, more] : row;
  });
  return { names: [...places.keys()], rows };
}

export function unpackSteps({ names, rows }: StepsPage, startedAt: number): StepView[] {
  return rows.map(([id, kind, name, offset, durationMs, flags, more]) => {
    const has = (flag: number) => (flags & flag) !== 0;
    return {
      id,
      kind: STEP_KINDS[kind] ?? 'tool',
      name: names[name] ?? '',
      effect: EFFECTS[(flags >> 2) & 3] ?? 'change',
      inputHash: '',
      input: ELSEWHERE,
      status: STATUSES[flags & 3] ?? 'running',
      attempt: more?.attempt ?? 1,
      startedAt: startedAt + offset,
      durationMs: durationMs < 0 ? undefined : durationMs,
      output: has(HAS_OUTPUT) ? ELSEWHERE : undefined,
      isError: has(IS_ERROR),
      error: more?.error,
      model: more?.model && modelOf(more.model, names),
      tool: more?.facts?.tool,
      files: more?.files && { before: '', after: '', paths: more.files },
      retry: more?.retry ?? 0,
      child: more?.child,
      context: more?.facts?.context,
      rollUp: more?.rollUp,
      edited: has(EDITED),
      streamed: more?.streamed ?? '',
      notes: more?.facts?.notes ?? [],
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
    (step.output === undefined ? 0 : HAS_OUTPUT)
  );
}

function moreOf(step: StepView, placeOf: (name: string) => number): StepMore | undefined {
  const { model } = step;
  const more: StepMore = {
    ...(step.attempt === 1 ? {} : { attempt: step.attempt }),
    ...(step.retry === 0 ? {} : { retry: step.retry }),
    ...(step.child === undefined ? {} : { child: step.child }),
    ...(step.error === undefined ? {} : { error: step.error }),
    ...(step.rollUp === undefined ? {} : { rollUp: step.rollUp }),
    ...(step.streamed === '' ? {} : { streamed: step.streamed }),
    ...(isSettled(step) ? {} : { facts: stepFacts(step) }),
    ...(step.files === undefined ? {} : { files: step.files.paths }),
    ...(model === undefined
      ? {}
      : {
          model: [
            ...([placeOf(model.provider), placeOf(model.model)] as const),
            ...([model.usage.input, model.usage.output, model.cost] as const),
          ] as const,
        }),
  };
  return Object.keys(more).length > 0 ? more : undefined;
}

function modelOf([provider, model, input, output, cost]: ModelRow, names: readonly string[]): ModelUse {
  return { provider: names[provider] ?? '', model: names[model] ?? '', usage: { input, output }, cost };
}
