import type { Cost } from './message.ts';
import { readNumbers, writeNumbers } from './number-text.ts';
import type { NumberWriter } from './number-text.ts';
import type { ModelUse, Payload, StepEffect, StepId } from './run-event.ts';
import { STEP_KINDS } from './run-event.ts';
import type { StepStatus, StepView } from './run-view.ts';

/**
 * Steps on their way from the host to the trace panel: a run of 100,000 steps is 46 MB as plain JSON and less than 2 MB like
 * this. Names stand in a table, and what only the step that is looked at shows is left out.
 */
interface StepsPage {
  readonly names: readonly string[];
  readonly count: number;
  /** Of each step in turn what `packSteps` says of it, as numbers. */
  readonly numbers: string;
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
/** A second row of flags: each row is one character. */
const EDITED = 1;
const HAS_OUTPUT = 2;
const HAS_MODEL = 4;
const HAS_FILES = 8;
const HAS_ENDED = 16;
/** How a step's id follows from the one before it: by the next number, or as the first one inside of it. */
const NEXT = 0;
const INSIDE = 1;
/** Else it stands there, and this is added to its length. */
const SPELLED = 2;

export function packSteps(steps: readonly StepView[], startedAt: number): StepsText {
  const names = new Map<string, number>();
  const numbers = writeNumbers();
  const addName = (name: string): void => {
    const known = names.get(name);
    numbers.add(known ?? names.size);
    if (known === undefined) names.set(name, names.size);
  };
  const more: Record<number, StepMore> = {};
  const ids = idsFrom();
  let before = startedAt;
  steps.forEach((step, index) => {
    const { id, durationMs, model, files } = step;
    const way = ids.wayTo(id);
    numbers.add(way);
    if (way >= SPELLED) numbers.addText(id);
    numbers.add(STEP_KINDS.indexOf(step.kind));
    numbers.add(flagsOf(step));
    numbers.add(furtherFlagsOf(step));
    addName(step.name);
    const since = step.startedAt - before;
    numbers.add(since);
    // As the reader sums them up: parts of a millisecond are not exact.
    before += since;
    if (durationMs !== undefined) numbers.add(durationMs);
    if (model) addModel(model, numbers, addName);
    if (files) {
      numbers.add(files.paths.length);
      files.paths.forEach(addName);
    }
    const rest = moreOf(step);
    if (rest) more[index] = rest;
  });
  const page: StepsPage = { names: [...names.keys()], count: steps.length, numbers: numbers.text(), more };
  return JSON.stringify(page);
}

export function unpackSteps(text: StepsText, startedAt: number): StepView[] {
  // Written by `packSteps` of the same build.
  const { names, count, numbers, more } = JSON.parse(text) as StepsPage;
  const { next, text: spelled } = readNumbers(numbers);
  const name = () => names[next()] ?? '';
  const ids = idsFrom();
  const steps: StepView[] = [];
  let begun = startedAt;
  for (let index = 0; index < count; index++) {
    const way = next();
    const id = ids.idBy(way, way < SPELLED ? '' : spelled(way - SPELLED));
    const kind = STEP_KINDS[next()] ?? 'tool';
    const flags = next();
    const further = next();
    const rest = more[index];
    const { facts } = rest ?? {};
    steps.push({
      id,
      kind,
      name: name(),
      effect: EFFECTS[(flags >> 2) & 3] ?? 'change',
      inputHash: '',
      input: ELSEWHERE,
      status: STATUSES[flags & 3] ?? 'running',
      attempt: rest?.attempt ?? 1,
      startedAt: (begun += next()),
      durationMs: (further & HAS_ENDED) === 0 ? undefined : next(),
      output: (further & HAS_OUTPUT) === 0 ? undefined : ELSEWHERE,
      isError: (flags & IS_ERROR) !== 0,
      error: rest?.error,
      model: (further & HAS_MODEL) === 0 ? undefined : modelOf(next, name),
      tool: facts?.tool,
      files:
        (further & HAS_FILES) === 0
          ? undefined
          : { before: '', after: '', paths: Array.from({ length: next() }, name) },
      retry: rest?.retry ?? 0,
      child: rest?.child,
      context: facts?.context,
      rollUp: rest?.rollUp,
      edited: (further & EDITED) !== 0,
      streamed: rest?.streamed ?? '',
      notes: facts?.notes ?? [],
    });
  }
  return steps;
}

export function stepFacts({ id, context, notes, tool, model, files }: StepView): StepFacts {
  return { id, context, notes, tool, model, files };
}

/** Nothing more will be appended to it, so that what is asked for later is the same. */
export function isSettled({ status }: StepView): boolean {
  return status === 'finished' || status === 'failed';
}

function flagsOf({ status, effect, isError }: StepView): number {
  return STATUSES.indexOf(status) | (EFFECTS.indexOf(effect) << 2) | (isError ? IS_ERROR : 0);
}

function furtherFlagsOf({ edited, output, model, files, durationMs }: StepView): number {
  return (
    (edited ? EDITED : 0) |
    (output ? HAS_OUTPUT : 0) |
    (model ? HAS_MODEL : 0) |
    (files ? HAS_FILES : 0) |
    (durationMs === undefined ? 0 : HAS_ENDED)
  );
}

interface Ids {
  /** How the id follows from the one before it. */
  wayTo(id: StepId): number;
  idBy(way: number, spelled: string): StepId;
}

/** Ids one after the other, the same at both ends. */
function idsFrom(): Ids {
  let stem = '';
  let last = 0;
  const idBy = (way: number, spelled: string): StepId => {
    if (way === NEXT) last += 1;
    else if (way === INSIDE) {
      stem = `${stem}${String(last)}.`;
      last = 1;
    } else {
      const dot = spelled.lastIndexOf('.') + 1;
      stem = spelled.slice(0, dot);
      last = Number(spelled.slice(dot));
      return spelled;
    }
    return stem + String(last);
  };
  return {
    wayTo: (id) => {
      const next = `${stem}${String(last + 1)}`;
      const way = id === next ? NEXT : id === `${stem}${String(last)}.1` ? INSIDE : id.length + SPELLED;
      idBy(way, id);
      return way;
    },
    idBy,
  };
}

function moreOf(step: StepView): StepMore | undefined {
  const { attempt, retry, child, error, rollUp, streamed } = step;
  const settled = isSettled(step);
  const usual =
    attempt === 1 && retry === 0 && child === undefined && error === undefined && rollUp === undefined;
  if (usual && settled && streamed === '') return undefined;
  return {
    ...(attempt === 1 ? {} : { attempt }),
    ...(retry === 0 ? {} : { retry }),
    ...(child === undefined ? {} : { child }),
    ...(error === undefined ? {} : { error }),
    ...(rollUp === undefined ? {} : { rollUp }),
    ...(streamed === '' ? {} : { streamed }),
    ...(settled ? {} : { facts: stepFacts(step) }),
  };
}

function addModel(
  { provider, model, usage, cost }: ModelUse,
  numbers: NumberWriter,
  addName: (name: string) => void,
): void {
  addName(provider);
  addName(model);
  numbers.add(usage.input);
  numbers.add(usage.output);
  numbers.add(COSTS.indexOf(cost.kind));
  if (cost.kind === 'priced' || cost.kind === 'estimated') numbers.add(cost.usd);
}

function modelOf(next: () => number, name: () => string): ModelUse {
  const [provider, model] = [name(), name()];
  const usage = { input: next(), output: next() };
  const kind = COSTS[next()] ?? 'unknown';
  const cost = kind === 'priced' || kind === 'estimated' ? { kind, usd: next() } : { kind };
  return { provider, model, usage, cost };
}
