import { formatRunCost } from '../../../protocol/format.ts';
import { originLabel } from '../../../protocol/origin-label.ts';
import { readPayload } from '../../../protocol/payload.ts';
import { plainLine } from './plain-text.ts';
import type { Recording, Stop } from './recording.ts';
import { bodyOf, cutLines, headingOf, orProblem } from './transcript-block.ts';
import type { TranscriptLink } from './transcript-block.ts';
import type { Contents } from './step-values.ts';

/** A run as a document to read: a block for each stop, in the order of the walk. */
export interface Transcript {
  readonly text: string;
  /** The line of the stop's heading, from 1. */
  lineOf(stop: Stop): number;
  /** The stop whose block the line is in, from 1; before the first block it is the first. */
  stopAt(line: number): Stop;
}

export function writeTranscript(
  recording: Recording,
  contents: Contents,
  linkTo: TranscriptLink,
): Transcript {
  const lines = header(recording, linkTo);
  const lineOf: number[] = [];
  for (const stop of recording.stops) {
    lines.push('');
    lineOf[stop.index] = lines.length + 1;
    const [heading, body] =
      stop.type === 'step'
        ? [headingOf(stop), bodyOf(stop, contents, linkTo)]
        : [ending(recording), answer(recording, contents)];
    const indent = INDENT.repeat(depthOf(stop));
    lines.push(indent + heading);
    // A loop: a spread of a long block would overflow the stack.
    for (const line of body) lines.push(line === '' ? '' : indent + INDENT + line);
  }
  return {
    text: `${lines.join('\n')}\n`,
    lineOf: (stop) => lineOf[stop.index] ?? 1,
    stopAt: (line) => recording.stops[lastAtMost(lineOf, line)] ?? recording.end,
  };
}

const INDENT = '  ';
const TASK_CHARACTERS = 2000;

function header({ view }: Recording, linkTo: TranscriptLink): string[] {
  const started = new Date(view.startedAt).toISOString().slice(0, 19).replace('T', ' ');
  const where = view.isolation === 'copy' ? 'on its own copy' : 'in the workspace itself';
  const lines = [`# ${plainLine(view.agent, 100)}, run ${plainLine(view.id, 200)}`];
  lines.push(`Started ${started} UTC, route ${plainLine(view.route, 100)}, ${where}.`);
  const { origin } = view;
  if (origin.kind === 'import') lines.push(plainLine(originLabel(origin), 200));
  else if (origin.kind !== 'user') {
    const words = {
      'sub-run': 'Part of',
      fork: 'Forked from',
      rerun: 'Runs again',
      replay: 'Replays',
    }[origin.kind];
    const step = 'step' in origin ? `, step ${plainLine(origin.step, 40)}` : '';
    lines.push(`${words} ${plainLine(origin.run, 200)}${step}: ${linkTo(origin.run, '')}`);
  }
  return [...lines, '', ...cutLines(view.task.slice(0, TASK_CHARACTERS)).map((line) => INDENT + line)];
}

function ending({ view }: Recording): string {
  const steps = view.steps.length + view.totals.subSteps;
  const cost = view.totals.calls === 0 ? [] : [formatRunCost(view.totals)];
  const sums = [`${steps} ${steps === 1 ? 'step' : 'steps'}`, ...cost].join(' · ');
  switch (view.status) {
    case 'running':
      return `= As far as it is recorded · ${sums}`;
    case 'paused':
      return `= Paused · ${sums}`;
    case 'succeeded':
    case 'failed':
    case 'stopped':
      return `= ${view.status.charAt(0).toUpperCase()}${view.status.slice(1)} · ${sums}`;
  }
}

function answer({ view }: Recording, { getBlob }: Contents): string[] {
  const { error, answer: recorded } = view;
  const problem = error ? cutLines(`${error.code}: ${error.message} ${error.action ?? ''}`.trim()) : [];
  if (!recorded) return problem;
  const text = orProblem(() => {
    const value = readPayload(getBlob, recorded);
    return cutLines(typeof value === 'string' ? value : JSON.stringify(value, null, 2));
  });
  return [...problem, ...text];
}

function depthOf(stop: Stop): number {
  let depth = 0;
  for (let outer = stop.type === 'step' ? stop.outer : undefined; outer; outer = outer.outer) depth += 1;
  return depth;
}

/** Index of the last one of the ascending numbers that is at most `value`; 0 when none is. */
function lastAtMost(ascending: readonly number[], value: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((ascending[middle] ?? 0) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
