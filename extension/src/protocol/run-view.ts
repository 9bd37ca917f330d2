import type { ContextReport } from './context-report.ts';
import type {
  ErrorInfo,
  FileChange,
  Isolation,
  ModelUse,
  Payload,
  Rating,
  RollUp,
  RunEvent,
  RunId,
  RunOrigin,
  StepEffect,
  StepId,
  StepKind,
  Steering,
} from './run-event.ts';
import type { ToolUse } from './tool-use.ts';
import { addRollUp, addUse, noTotals } from './totals.ts';
import type { Totals } from './totals.ts';

export type RunStatus = 'running' | 'paused' | 'succeeded' | 'failed' | 'stopped';
export type StepStatus = 'running' | 'finished' | 'failed' | 'interrupted';

/** A run as a person sees it: the fold of its events so far. A live run and an old one are made by the same code. */
export interface RunView {
  readonly id: RunId;
  status: RunStatus;
  origin: RunOrigin;
  agent: string;
  task: string;
  folder: string;
  route: string;
  isolation: Isolation;
  /** Who started it; undefined where the log does not say. */
  user: string | undefined;
  input: Payload | undefined;
  startedAt: number;
  /** Time of the newest event. */
  updatedAt: number;
  endedAt: number | undefined;
  /** Times in which nothing was at work on it: paused, or its process dead. The last one is open while it is paused. */
  readonly gaps: { readonly from: number; to: number | undefined }[];
  /** Time of the newest event that was written while the run was being worked on. */
  activeAt: number;
  lastSeq: number;
  answer: Payload | undefined;
  error: ErrorInfo | undefined;
  /** What became of the files that it changed; undefined while nobody has decided. */
  changes: 'applied' | 'discarded' | undefined;
  /** The trees that the newest apply can be undone with. */
  undo: { readonly base: string; readonly result: string } | undefined;
  /** What a person said of it. */
  rating: {
    readonly verdict: 'up' | 'down' | undefined;
    readonly correction: string | undefined;
    readonly memory: 'kept' | 'pinned' | 'forgotten';
  };
  /** What people said to the agent, in order; so many of them it has taken in as there are steps of kind `steer`. */
  readonly steering: Steering[];
  /** The copy was put back to how this step had left it, and no step has changed files since. */
  restored: { readonly step: StepId; readonly tree: string } | undefined;
  /** In the order in which they were first started. */
  readonly steps: StepView[];
  readonly totals: Totals;
}

export interface StepView {
  readonly id: StepId;
  readonly kind: StepKind;
  readonly name: string;
  readonly effect: StepEffect;
  inputHash: string;
  input: Payload;
  status: StepStatus;
  attempt: number;
  startedAt: number;
  durationMs: number | undefined;
  output: Payload | undefined;
  isError: boolean;
  error: ErrorInfo | undefined;
  model: ModelUse | undefined;
  /** Of a tool call that has ended. */
  tool: ToolUse | undefined;
  files: FileChange | undefined;
  retry: number;
  /** The run that this step is for. */
  child: RunId | undefined;
  context: ContextReport | undefined;
  rollUp: RollUp | undefined;
  edited: boolean;
  /** Text streamed so far, until the output is there. */
  streamed: string;
  readonly notes: { readonly level: 'info' | 'warning'; readonly text: string }[];
}

/** Folds one more event into the view, in place: a run of 100,000 steps must not be copied once per event. */
export function applyEvent(view: RunView | undefined, event: RunEvent): RunView {
  const run = view ?? emptyView(event.run);
  run.lastSeq = event.seq;
  run.updatedAt = event.at;
  if (event.type === 'run.resumed') closeGap(run, event.at);
  // An interrupted step is noticed when the run is taken up again, which may be days after it was.
  // What a person says of it is no work on it.
  if (event.type !== 'step.interrupted' && event.type !== 'run.rated') run.activeAt = event.at;
  switch (event.type) {
    case 'run.started':
      run.origin = event.origin;
      run.agent = event.agent;
      run.task = event.task;
      run.folder = event.folder;
      run.route = event.route;
      run.isolation = event.isolation;
      run.user = event.user;
      run.input = event.input;
      run.startedAt = event.at;
      return run;
    case 'run.resumed':
      run.status = 'running';
      run.error = undefined;
      run.endedAt = undefined;
      return run;
    case 'run.paused':
      run.status = 'paused';
      run.error = event.reason;
      run.gaps.push({ from: event.at, to: undefined });
      return run;
    case 'run.finished':
      run.status = event.outcome;
      run.answer = event.answer;
      run.error = event.error;
      run.endedAt = event.at;
      return run;
    case 'run.changes':
      run.changes = event.decision === 'undone' ? undefined : event.decision;
      run.undo = event.undo;
      return run;
    case 'run.steered':
      run.steering.push(event.steering);
      return run;
    case 'run.rated':
      run.rating = rated(run.rating, event.rating);
      return run;
    case 'run.restored':
      run.restored = { step: event.step, tree: event.tree };
      return run;
    case 'step.started':
      startStep(run, event);
      return run;
    default: {
      const step = stepOf(run, event.step);
      if (step) applyToStep(run, step, event);
      return run;
    }
  }
}

export function foldRun(events: Iterable<RunEvent>): RunView | undefined {
  let view: RunView | undefined;
  for (const event of events) view = applyEvent(view, event);
  return view;
}

export function stepOf(run: RunView, id: StepId): StepView | undefined {
  return stepIndex(run).get(id);
}

/** Milliseconds of work between the start of the run and `at`, without the gaps. */
export function activeTime(run: RunView, at: number): number {
  let time = at - run.startedAt;
  for (const gap of run.gaps) {
    if (gap.from < at) time -= Math.max(0, Math.min(at, gap.to ?? at) - gap.from);
  }
  return Math.max(0, time);
}

function rated(before: RunView['rating'], { verdict, correction, memory }: Rating): RunView['rating'] {
  const none = { verdict: undefined, correction: undefined, memory: 'kept' } as const;
  // What was forgotten is not there any more to be added to.
  const kept = before.memory === 'forgotten' ? none : before;
  if (memory === 'forgotten') return { ...none, memory };
  return {
    verdict: verdict === undefined ? kept.verdict : verdict === 'none' ? undefined : verdict,
    correction: correction === undefined ? kept.correction : correction === '' ? undefined : correction,
    memory: memory ?? kept.memory,
  };
}

function closeGap(run: RunView, at: number): void {
  const last = run.gaps.at(-1);
  if (last && last.to === undefined) last.to = at;
  else if (at > run.activeAt) run.gaps.push({ from: run.activeAt, to: at });
}

type StepEvent = Exclude<Extract<RunEvent, { readonly step: StepId }>, { type: 'run.restored' }>;

function startStep(run: RunView, event: Extract<RunEvent, { type: 'step.started' }>): void {
  const again = stepOf(run, event.step);
  if (again) {
    again.status = 'running';
    again.attempt = event.attempt;
    again.retry = event.retry ?? 0;
    again.child = event.child;
    again.context = event.context;
    again.startedAt = event.at;
    again.inputHash = event.inputHash;
    again.input = event.input;
    again.error = undefined;
    again.streamed = '';
    return;
  }
  const step: StepView = {
    id: event.step,
    kind: event.kind,
    name: event.name,
    effect: event.effect,
    inputHash: event.inputHash,
    input: event.input,
    status: 'running',
    attempt: event.attempt,
    startedAt: event.at,
    durationMs: undefined,
    output: undefined,
    isError: false,
    error: undefined,
    model: undefined,
    tool: undefined,
    files: undefined,
    retry: event.retry ?? 0,
    child: event.child,
    context: event.context,
    rollUp: undefined,
    edited: false,
    streamed: '',
    notes: [],
  };
  run.steps.push(step);
  stepIndex(run).set(step.id, step);
}

function applyToStep(
  run: RunView,
  step: StepView,
  event: Exclude<StepEvent, { type: 'step.started' }>,
): void {
  switch (event.type) {
    case 'step.output':
      step.streamed += event.text;
      return;
    case 'step.note':
      step.notes.push({ level: event.level, text: event.text });
      return;
    case 'step.finished':
      step.status = 'finished';
      step.streamed = '';
      step.output = event.output;
      step.durationMs = event.durationMs;
      step.isError = event.isError ?? false;
      step.model = event.model;
      step.tool = event.tool;
      step.files = event.files;
      step.rollUp = event.rollUp;
      step.edited = event.edited ?? false;
      if (event.files) run.restored = undefined;
      if (event.model) addUse(run.totals, event.model);
      for (const use of event.tool?.sampled ?? []) addUse(run.totals, use);
      if (event.rollUp) addRollUp(run.totals, event.rollUp);
      return;
    case 'step.failed':
      step.status = 'failed';
      step.error = event.error;
      step.durationMs = event.durationMs;
      return;
    case 'step.interrupted':
      step.status = 'interrupted';
      step.error = event.reason;
  }
}

function emptyView(id: RunId): RunView {
  return {
    id,
    status: 'running',
    origin: { kind: 'user' },
    agent: '',
    task: '',
    folder: '',
    route: '',
    isolation: 'copy',
    user: undefined,
    input: undefined,
    startedAt: 0,
    updatedAt: 0,
    endedAt: undefined,
    gaps: [],
    activeAt: 0,
    lastSeq: 0,
    answer: undefined,
    error: undefined,
    changes: undefined,
    undo: undefined,
    rating: { verdict: undefined, correction: undefined, memory: 'kept' },
    steering: [],
    restored: undefined,
    steps: [],
    totals: noTotals(),
  };
}

/** Looked up once per event, so it is kept beside the view and out of what is sent to a webview. */
const indexes = new WeakMap<RunView, Map<StepId, StepView>>();

function stepIndex(run: RunView): Map<StepId, StepView> {
  let index = indexes.get(run);
  if (!index) {
    index = new Map(run.steps.map((step) => [step.id, step]));
    indexes.set(run, index);
  }
  return index;
}
