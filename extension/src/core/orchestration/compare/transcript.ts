import type { RunView, StepView } from '../../../protocol/run-view.ts';
import type { ComparedRun } from './comparison.ts';
import { finish } from './parts.ts';
import type { InParts } from './parts.ts';
import { stepText } from './step-text.ts';
import { stepsInside, topSteps } from './step-tree.ts';

/**
 * A run as plain text for a line-by-line comparison: what two runs did alike is alike, since there is no number, time or id in
 * it.
 */
export function comparableTranscript(run: ComparedRun): string {
  return finish(transcriptInParts(run));
}

/** The same bit by bit, for a thread that has other things to do as well. */
export function* transcriptInParts(run: ComparedRun): InParts<string> {
  const { view } = run;
  const blocks: string[][] = [];
  for (const step of topSteps(run)) blocks.push(yield* blockOf(run, step));
  return [
    `Agent: ${view.agent}`,
    `Route: ${view.route}`,
    'Task:',
    ...indented(view.task),
    '',
    ...blocks.flat(),
    ...endOf(view, run),
    '',
  ].join('\n');
}

function* blockOf(run: ComparedRun, step: StepView): InParts<string[]> {
  const { title, input, output } = stepText(step, run.payload);
  const inside = stepsInside(run, step);
  const model = step.model ? ` (${step.model.provider}/${step.model.model})` : '';
  const within: string[][] = [];
  for (const one of inside.steps) within.push(yield* blockOf(inside.run, one));
  yield 1;
  return [
    `## ${title}${model}${step.isError ? ' (error)' : ''}`,
    ...indented(input),
    ...(input !== '' && output !== '' ? ['  →'] : []),
    ...indented(output),
    ...[...(step.files?.paths ?? [])].sort().map((path) => `  changed ${path}`),
    '',
    ...within.flat().map((line) => (line === '' ? '' : `    ${line}`)),
  ];
}

function endOf(view: RunView, { payload }: ComparedRun): string[] {
  const answer = view.answer ? payload(view.answer) : undefined;
  return [
    `# ${view.status}`,
    ...(typeof answer === 'string' ? answer.split('\n') : []),
    ...(view.error ? [view.error.message] : []),
  ];
}

function indented(text: string): string[] {
  return text === '' ? [] : text.split('\n').map((line) => (line === '' ? '' : `  ${line}`));
}
