import { saysOnlyChoice } from '../core/models/index.ts';
import { summariseStep } from '../core/observability/index.ts';
import { formatDuration, formatRunCost, formatTokens, modelOf } from '../protocol/format.ts';
import { wholeOriginOf } from '../protocol/origin-label.ts';
import type { Payload, RunEvent, RunId, StepId } from '../protocol/run-event.ts';
import { applyEvent, stepOf } from '../protocol/run-view.ts';
import type { RunView, StepView } from '../protocol/run-view.ts';
import { stepLabel } from '../protocol/step-label.ts';
import { isStrataError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import { fit, ink, safeLine, safeText } from './style.ts';

export interface RunDisplay {
  readonly show: (event: RunEvent) => void;
  readonly close: () => void;
}

const NUMBER_WIDTH = 4;
const LABEL_WIDTH = 22;
/** At least this much room for what a step did, however narrow the terminal is. */
const SUMMARY_MIN = 24;

const STREAMED_TAIL = 1000;

type ViewOf = (run: RunId) => RunView | undefined;

/**
 * Prints a run and its sub-runs step by step as their events come in; a step of a sub-run has the number of the step that it
 * is for before its own, as in `7/2`. In a terminal the step under way has a line that is kept current. While `held`, what
 * there is to print waits.
 */
export function createRunDisplay(
  out: NodeJS.WriteStream,
  read: (payload: Payload) => Json,
  viewOf: ViewOf,
  held: () => boolean = () => false,
): RunDisplay {
  const views = new Map<RunId, RunView>();
  const running = new Map<string, { readonly view: RunView; readonly step: StepId }>();
  const waiting: string[] = [];
  let statusShown = false;

  const clearStatus = (): void => {
    if (!statusShown) return;
    out.write('\r\u001b[2K');
    statusShown = false;
  };
  const flush = (): void => {
    if (waiting.length === 0) return;
    clearStatus();
    for (const text of waiting.splice(0)) out.write(`${text}\n`);
  };
  const showStatus = (): void => {
    const last = [...running.values()].at(-1);
    const step = last && stepOf(last.view, last.step);
    if (!out.isTTY || !step) return;
    clearStatus();
    const { title, detail } = stepLabel(step);
    // Only the end is shown, and the whole may be megabytes long.
    const streamed = step.streamed.slice(-STREAMED_TAIL).trim().split('\n').at(-1) ?? '';
    const number = numberOf(last.view, step.id).padStart(NUMBER_WIDTH);
    const text = safeLine(`${number}  ${title} ${detail} … ${streamed}`);
    out.write(ink(out, 'dim', fit(text, (out.columns || 80) - 1).trimEnd()));
    statusShown = true;
  };
  /** What was there before the first event that is shown of it counts too. */
  const take = (event: RunEvent): RunView | undefined => {
    const known = views.get(event.run);
    const view = known || event.seq === 1 ? applyEvent(known, event) : viewOf(event.run);
    if (view) views.set(event.run, view);
    return view;
  };

  return {
    show: (event) => {
      if (event.seq <= (views.get(event.run)?.lastSeq ?? 0)) return;
      const view = take(event);
      if (!view) return;
      if (event.type === 'step.started')
        running.set(`${event.run} ${event.step}`, { view, step: event.step });
      if (
        event.type === 'step.finished' ||
        event.type === 'step.failed' ||
        event.type === 'step.interrupted'
      ) {
        running.delete(`${event.run} ${event.step}`);
        const step = stepOf(view, event.step);
        if (step) waiting.push(...stepLines(out, step, read, numberOf(view, step.id)));
      }
      const isEnd = event.type === 'run.finished' || event.type === 'run.paused';
      if (isEnd && view.origin.kind !== 'sub-run') waiting.push(...endLines(out, view, read));
      if (held()) return;
      flush();
      showStatus();
    },
    close: () => {
      flush();
      clearStatus();
    },
  };
}

/** The number of a step among those of all runs that are shown with it. */
function numberOf(view: RunView, step: StepId): string {
  const { origin } = view;
  if (origin.kind !== 'sub-run') return step;
  // The id of a sub-run says for which steps it and those above it are.
  const path = view.id
    .split('-')
    .slice(2)
    .filter((part) => !part.startsWith('retry'))
    .map((part) => part.replaceAll('_', '.'));
  return [...path, step].join('/');
}

/** The whole of a recorded run at once, as `strata show` prints it. */
export function printRun(
  out: NodeJS.WriteStream,
  view: RunView,
  read: (payload: Payload) => Json,
  viewOf: ViewOf,
): void {
  for (const text of headLines(out, view)) out.write(`${text}\n`);
  printSteps(out, view, read, viewOf);
  for (const text of endLines(out, view, read)) out.write(`${text}\n`);
}

function printSteps(
  out: NodeJS.WriteStream,
  view: RunView,
  read: (payload: Payload) => Json,
  viewOf: ViewOf,
): void {
  for (const step of view.steps) {
    for (const text of stepLines(out, step, read, numberOf(view, step.id), 'all')) out.write(`${text}\n`);
    const sub = step.child === undefined ? undefined : viewOf(step.child);
    if (sub) printSteps(out, sub, read, viewOf);
  }
}

export function headLines(out: NodeJS.WriteStream, view: RunView): string[] {
  return [
    [
      ink(out, 'bold', `Run ${view.id}`),
      // A workflow has no route of its own.
      view.route ? `agent ${safeLine(view.agent)}  route ${safeLine(view.route)}` : safeLine(view.agent),
      ...(view.user === undefined ? [] : [`started by ${safeLine(view.user)}`]),
    ].join('  '),
    ...(view.origin.kind === 'user' ? [] : [wholeOriginOf(view)]),
    `Task: ${safeText(view.task)}`,
    '',
  ];
}

/** Of `all` notes those are left out that say nothing: that a route had one deployment, and that was asked. */
export function stepLines(
  out: NodeJS.WriteStream,
  step: StepView,
  read: (payload: Payload) => Json,
  number: string = step.id,
  notes: 'warnings' | 'all' = 'warnings',
): string[] {
  const { title, detail } = stepLabel(step);
  const { model, rollUp } = step;
  const tokens = model
    ? `${formatTokens(model.usage.input)}→${formatTokens(model.usage.output)} tokens`
    : rollUp
      ? `${formatTokens(rollUp.inputTokens)}→${formatTokens(rollUp.outputTokens)} tokens`
      : '';
  const time = step.durationMs === undefined ? '' : formatDuration(step.durationMs);
  const right = [tokens, time.padStart(7)].filter(Boolean).join('  ');
  const place = number.padStart(NUMBER_WIDTH);
  const left = `${place}  ${fit(safeLine(`${title} ${detail}`), LABEL_WIDTH)} `;
  const width = Math.max(SUMMARY_MIN, (out.columns || 120) - LABEL_WIDTH - right.length - place.length - 5);
  const summary = fit(safeLine(readable(() => summariseStep(step, read))), width);
  const colour = step.status !== 'finished' ? 'yellow' : step.isError ? 'red' : undefined;
  const lines = [`${left}${colour ? ink(out, colour, summary) : summary} ${ink(out, 'dim', right)}`];
  for (const { level, text } of step.notes) {
    if (level === 'warning') lines.push(ink(out, 'yellow', `      ${safeText(text)}`));
    else if (notes === 'all' && !saysOnlyChoice(text)) lines.push(ink(out, 'dim', `      ${safeText(text)}`));
  }
  return lines;
}

function endLines(out: NodeJS.WriteStream, view: RunView, read: (payload: Payload) => Json): string[] {
  const lines = [''];
  const { answer: payload } = view;
  const answer = payload ? readable(() => read(payload)) : undefined;
  if (typeof answer === 'string' && answer) lines.push(safeText(answer), '');
  const model = modelOf(view);
  const facts = [
    `${view.steps.length} steps`,
    `${formatTokens(view.totals.inputTokens + view.totals.outputTokens)} tokens`,
    `cost ${formatRunCost(view.totals, model?.provider)}`,
    ...(model ? [`model ${safeLine(model.name)}`] : []),
    ...(view.endedAt === undefined ? [] : [formatDuration(view.endedAt - view.startedAt)]),
  ].join(' · ');
  const sign = { succeeded: '✔', failed: '✖', stopped: '■', paused: '‖', running: '…' }[view.status];
  const colour = view.status === 'succeeded' ? 'green' : view.status === 'failed' ? 'red' : 'yellow';
  lines.push(`${ink(out, colour, `${sign} ${view.status}`)}  ${facts}`);
  if (view.error) {
    lines.push(safeText(view.error.message));
    if (view.error.action) lines.push(safeText(view.error.action));
  }
  const paths = [...new Set(view.steps.flatMap((step) => step.files?.paths ?? []))].sort();
  if (paths.length > 0) {
    const place =
      view.isolation === 'copy'
        ? `in the run's own copy (${view.changes ?? 'not applied yet'})`
        : 'in the folder itself';
    lines.push(`Files changed ${place}: ${paths.map(safeLine).join(', ')}`);
  }
  return lines;
}

/** A recorded value that is damaged takes nothing else of the run with it. */
function readable<T>(read: () => T): T | string {
  try {
    return read();
  } catch (error) {
    if (isStrataError(error)) return error.message;
    throw error;
  }
}
