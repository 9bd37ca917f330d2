import { formatDuration } from '../../extension/src/protocol/format.ts';
import type { RunView, StepView } from '../../extension/src/protocol/run-view.ts';
import { activeTime } from '../../extension/src/protocol/run-view.ts';
import type { Branch, Row } from './outline.ts';
import { isTakenOver } from './taken-over.ts';

/** Times of the run without its gaps, as shares of its whole length. */
export interface TimeScale {
  /** Length of the run in milliseconds, without gaps; at least 1. */
  readonly total: number;
  bar(row: Pick<Row, 'step' | 'branch'>): { readonly start: number; readonly length: number };
}

/** With its sub-runs, whose processes may have gone on when that of the run had ended. */
export function timeScale(run: RunView, now: number, branches: Iterable<Branch> = []): TimeScale {
  let total = Math.max(1, lengthOf(run, now), ...latestEnd(run));
  for (const { run: sub, host, takenOver } of branches) {
    if (host && !takenOver) total = Math.max(total, activeTime(run, sub.activeAt));
  }
  return {
    total,
    bar: ({ step, branch }) => {
      if (!step) return { start: 0, length: Math.min(1, lengthOf(run, now) / total) };
      const start = clamp(activeTime(run, step.startedAt) / total);
      return { start, length: Math.min(1 - start, spanIn(branch, step, now) / total) };
    },
  };
}

/** Milliseconds of work on the run up to now. */
export function lengthOf(run: RunView, now: number): number {
  const end = run.endedAt ?? (run.status === 'running' ? Math.max(now, run.activeAt) : run.activeAt);
  return activeTime(run, end);
}

/** `at`: as long as it had taken at that time of the past. */
export function stepLength(run: RunView, step: StepView, now: number, at?: number): number {
  if (step.durationMs !== undefined) return Math.max(0, step.durationMs);
  if (step.status !== 'running') return 0;
  const end = at ?? Math.max(now, run.activeAt);
  return Math.max(0, activeTime(run, end) - activeTime(run, step.startedAt));
}

/** What a step took of the time of this run, which may be less than it had taken. */
export function stepSpan(run: RunView, step: StepView, now: number): number {
  return isTakenOver(run, step) ? 0 : stepLength(run, step, now);
}

/** The same of a step of the run that is shown, or of one of its sub-runs. */
export function spanIn({ run, takenOver }: Branch, step: StepView, now: number): number {
  return takenOver ? 0 : stepSpan(run, step, now);
}

/** The same of a step that has ended; of one that has not, nothing. */
export function endedSpan(run: RunView, step: StepView): number {
  return isTakenOver(run, step) ? 0 : Math.max(0, step.durationMs ?? 0);
}

/** A step's own clock may go past the last event's; looked at in the last steps only, for it is asked at each frame. */
function latestEnd(run: RunView): number[] {
  return run.steps.slice(-20).map((step) => activeTime(run, step.startedAt) + endedSpan(run, step));
}

const NICE = [1, 2, 5, 10, 20, 50, 100, 200, 500].concat(
  [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400].map(
    (s) => s * 1000,
  ),
);

/** Round times for the axis: as many as fit into `width` pixels without crowding. */
export function ticks(total: number, width: number): number[] {
  const most = Math.max(1, Math.floor(width / 90));
  const day = 86_400_000;
  const step = NICE.find((nice) => total / nice <= most) ?? Math.ceil(total / most / day) * day;
  const result: number[] = [];
  for (let time = 0; time < total; time += step) result.push(time);
  return result;
}

/** As exact as the ticks are apart: `0`, `40 ms`, `1.25 s`, `3:05.2`, `2 h 4 min`. */
export function tickText(time: number, step: number): string {
  if (time < 0.5) return '0';
  if (time < 999.5 || step >= 60_000) return formatDuration(time);
  const decimals = step >= 1000 ? 0 : Math.ceil(-Math.log10(step / 1000) - 1e-9);
  if (time < 60_000) return `${(time / 1000).toFixed(decimals)} s`;
  const minutes = Math.floor(time / 60_000);
  const seconds = ((time - minutes * 60_000) / 1000).toFixed(decimals);
  return `${String(minutes)}:${seconds.padStart(decimals > 0 ? decimals + 3 : 2, '0')}`;
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}
