import { summariseStep } from '../core/observability/index.ts';
import { formatDuration, formatRunCost, formatTokens, modelOf } from '../protocol/format.ts';
import type { Payload, RunEvent, StepId } from '../protocol/run-event.ts';
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

const LABEL_WIDTH = 22;
/** At least this much room for what a step did, however narrow the terminal is. */
const SUMMARY_MIN = 24;

const STREAMED_TAIL = 1000;

/** Prints a run step by step as its events come in. In a terminal the step under way has a line that is kept current. */
export function createRunDisplay(out: NodeJS.WriteStream, read: (payload: Payload) => Json): RunDisplay {
  let view: RunView | undefined;
  let statusShown = false;
  const running = new Set<StepId>();

  const clearStatus = (): void => {
    if (!statusShown) return;
    out.write('\r\u001b[2K');
    statusShown = false;
  };
  const line = (text: string): void => {
    clearStatus();
    out.write(`${text}\n`);
  };
  const showStatus = (): void => {
    const step = view && [...running].map((id) => stepOf(view as RunView, id)).at(-1);
    if (!out.isTTY || !step) return;
    clearStatus();
    const { title, detail } = stepLabel(step);
    // Only the end is shown, and the whole may be megabytes long.
    const streamed = step.streamed.slice(-STREAMED_TAIL).trim().split('\n').at(-1) ?? '';
    const text = safeLine(`${step.id.padStart(4)}  ${title} ${detail} … ${streamed}`);
    out.write(ink(out, 'dim', fit(text, (out.columns || 80) - 1).trimEnd()));
    statusShown = true;
  };

  return {
    show: (event) => {
      view = applyEvent(view, event);
      if (event.type === 'step.started') running.add(event.step);
      if (
        event.type === 'step.finished' ||
        event.type === 'step.failed' ||
        event.type === 'step.interrupted'
      ) {
        running.delete(event.step);
        const step = stepOf(view, event.step);
        if (step) for (const text of stepLines(out, step, read)) line(text);
      }
      if (event.type === 'run.finished' || event.type === 'run.paused')
        for (const text of endLines(out, view, read)) line(text);
      showStatus();
    },
    close: clearStatus,
  };
}

/** The whole of a recorded run at once, as `strata show` prints it. */
export function printRun(out: NodeJS.WriteStream, view: RunView, read: (payload: Payload) => Json): void {
  for (const text of headLines(out, view)) out.write(`${text}\n`);
  for (const step of view.steps) for (const text of stepLines(out, step, read)) out.write(`${text}\n`);
  for (const text of endLines(out, view, read)) out.write(`${text}\n`);
}

export function headLines(out: NodeJS.WriteStream, view: RunView): string[] {
  return [
    `${ink(out, 'bold', `Run ${view.id}`)}  agent ${safeLine(view.agent)}  route ${safeLine(view.route)}`,
    `Task: ${safeText(view.task)}`,
    '',
  ];
}

export function stepLines(
  out: NodeJS.WriteStream,
  step: StepView,
  read: (payload: Payload) => Json,
): string[] {
  const { title, detail } = stepLabel(step);
  const tokens = step.model
    ? `${formatTokens(step.model.usage.input)}→${formatTokens(step.model.usage.output)} tokens`
    : '';
  const time = step.durationMs === undefined ? '' : formatDuration(step.durationMs);
  const right = [tokens, time.padStart(7)].filter(Boolean).join('  ');
  const left = `${step.id.padStart(4)}  ${fit(safeLine(`${title} ${detail}`), LABEL_WIDTH)} `;
  const width = Math.max(SUMMARY_MIN, (out.columns || 120) - LABEL_WIDTH - right.length - 9);
  const summary = fit(safeLine(readable(() => summariseStep(step, read))), width);
  const colour = step.status !== 'finished' ? 'yellow' : step.isError ? 'red' : undefined;
  const lines = [`${left}${colour ? ink(out, colour, summary) : summary} ${ink(out, 'dim', right)}`];
  for (const { level, text } of step.notes) {
    if (level === 'warning') lines.push(ink(out, 'yellow', `      ${safeText(text)}`));
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
