import type { RunSide } from '../../../protocol/compare-panel.ts';
import { formatDuration, formatRunCost, formatTokens } from '../../../protocol/format.ts';
import { titleOf } from './step-text.ts';
import type { ComparedStep, RunComparison, StepSide } from './comparison.ts';

/** The comparison in sentences of plain text, in which the runs are called A and B. */
export function summarise(compared: Omit<RunComparison, 'summary'>): string[] {
  return [
    ...startSentence(compared),
    pathSentence(compared),
    endSentence(compared),
    ...filesSentence(compared),
    ...costSentence(compared),
    ...tokensSentence(compared),
    ...timeSentence(compared),
  ];
}

type Compared = Omit<RunComparison, 'summary'>;

function startSentence({ a, b }: Compared): string[] {
  const agents = a.agent === b.agent ? [] : [`A is a run of ${a.agent}, B of ${b.agent}.`];
  return a.task === b.task ? agents : [...agents, 'They were given different tasks.'];
}

function pathSentence({ steps, counts, a }: Compared): string {
  const path = firstDifference(steps);
  if (!path)
    return a.steps === 0 ? 'Neither did a step.' : `Same path: all ${counts.same} steps are the same.`;
  const before = path.before?.a?.step ?? path.before?.b?.step;
  const begin =
    before === undefined ? 'They differ from the first step:' : `Same path up to step ${before}; then`;
  return `${begin} ${whatDiffers(path.step, path.next)}.`;
}

interface Found {
  readonly step: ComparedStep;
  readonly before: ComparedStep | undefined;
  readonly next: ComparedStep | undefined;
}

/** The first step that differs by itself, and not only by what is inside of it. */
function firstDifference(steps: readonly ComparedStep[]): Found | undefined {
  const index = steps.findIndex(({ verdict }) => verdict !== 'same');
  const step = steps[index];
  if (!step) return undefined;
  const inside = step.differences.length === 0 ? firstDifference(step.steps) : undefined;
  if (inside && step.verdict === 'changed') return { ...inside, before: inside.before ?? steps[index - 1] };
  return { step, before: steps[index - 1], next: steps[index + 1] };
}

function whatDiffers({ verdict, a, b, differences }: ComparedStep, next: ComparedStep | undefined): string {
  if (a && b) {
    const aspects = differences.map(({ aspect }) => aspect);
    if (aspects.includes('name')) return `B ${does(b)} where A ${does(a)}`;
    const title = `step ${a.step} (${titleOf(a)})`;
    if (aspects.includes('input')) return `${title} is given something else`;
    if (aspects.includes('model')) return `${title} is answered by another model`;
    if (aspects.includes('status')) return `${title} ends differently`;
    if (a.kind === 'chat') return `the model answers differently in step ${a.step}`;
    return aspects.includes('output') ? `${title} has another result` : `${title} changes other files`;
  }
  // One that only A has next to one that only B has: the one stands where the other is.
  const other = next && next.verdict !== verdict ? next : undefined;
  if (a)
    return other?.b && !other.a ? `B ${does(other.b)} where A ${does(a)}` : `A ${does(a)}, which B does not`;
  if (!b) return 'nothing is known';
  return other?.a && !other.b ? `B ${does(b)} where A ${does(other.a)}` : `B ${does(b)}, which A does not`;
}

function does(step: StepSide): string {
  switch (step.kind) {
    case 'tool':
      return `calls ${step.name}`;
    case 'chat':
      return `asks the model (${step.name})`;
    case 'agent':
      return `has ${step.name} do a part`;
    case 'hand-over':
      return `hands over to ${step.name}`;
    default:
      return `has the step ${titleOf(step)}`;
  }
}

function endSentence({ a, b, answer }: Compared): string {
  if (a.status !== b.status) return `A ${endOf(a)}; B ${endOf(b)}.`;
  if (a.status !== 'succeeded') return `Both ${endOf(a)}.`;
  return answer ? 'Both succeeded; their answers differ.' : 'Both succeeded with the same answer.';
}

function endOf({ status, error }: RunSide): string {
  const words = {
    running: 'is running',
    paused: 'is paused',
    succeeded: 'succeeded',
    failed: 'failed',
    stopped: 'was stopped',
  };
  const reason = error === undefined ? '' : `: ${error.replace(/[.\s]+$/, '')}`;
  return `${words[status]}${reason}`;
}

function filesSentence({ files }: Compared): string[] {
  const { both, onlyA, onlyB, equal } = files;
  if (equal) return [`Both left the same files behind (${named([...both, ...onlyA, ...onlyB])} changed).`];
  const parts = [
    ...(both.length > 0 ? [`both changed ${named(both)}`] : []),
    ...(onlyA.length > 0 ? [`only A changed ${named(onlyA)}`] : []),
    ...(onlyB.length > 0 ? [`only B changed ${named(onlyB)}`] : []),
  ];
  if (parts.length === 0) return [];
  const text = parts.join('; ');
  return [`${text.charAt(0).toUpperCase()}${text.slice(1)}.`];
}

const NAMED = 4;

function named(paths: readonly string[]): string {
  const shown = paths.slice(0, NAMED).join(', ');
  return paths.length > NAMED ? `${shown} and ${paths.length - NAMED} more` : shown;
}

/** A share says something only where both sums are known; otherwise both are named as they are. */
function costSentence({ a, b }: Compared): string[] {
  const costs = `(${formatRunCost(a.totals)} and ${formatRunCost(b.totals)})`;
  const known = [a, b].every(({ totals }) => totals.unpriced === 0 && totals.priced > 0);
  if (known && a.totals.usd > 0) return [`B costs ${share(a.totals.usd, b.totals.usd)} ${costs}.`];
  return formatRunCost(a.totals) === formatRunCost(b.totals)
    ? []
    : [`Their costs are not to be compared ${costs}.`];
}

function tokensSentence({ a, b }: Compared): string[] {
  const [left, right] = [tokensOf(a), tokensOf(b)];
  if (left === right || left === 0) return [];
  const amount = share(left, right, { less: 'fewer', much: 'many' });
  return [`B uses ${amount} tokens (${formatTokens(left)} and ${formatTokens(right)}).`];
}

function timeSentence({ a, b }: Compared): string[] {
  if (a.activeMs === b.activeMs || a.activeMs === 0) return [];
  const amount = share(a.activeMs, b.activeMs);
  return [`B takes ${amount} time (${formatDuration(a.activeMs)} and ${formatDuration(b.activeMs)}).`];
}

function tokensOf({ totals }: RunSide): number {
  return totals.inputTokens + totals.outputTokens;
}

/** `40 % less`, `3.2 times as much`, `about as much`. */
function share(a: number, b: number, words = { less: 'less', much: 'much' }): string {
  const change = b / a - 1;
  if (change >= 1) return `${(b / a).toFixed(1)} times as ${words.much}`;
  const percent = Math.round(Math.abs(change) * 100);
  if (percent === 0) return `about as ${words.much}`;
  return `${percent} % ${change < 0 ? words.less : 'more'}`;
}
