import type { RunView, StepView } from '../../../protocol/run-view.ts';
import type { ComparedRun } from './comparison.ts';
import { stepText } from './step-text.ts';
import { stepsInside, topSteps } from './step-tree.ts';

/**
 * A run as plain text for a line-by-line comparison: what two runs did alike is alike, since there is no number, time or id in
 * it.
 */
export function comparableTranscript(run: ComparedRun): string {
  const { view } = run;
  return [
    `Agent: ${view.agent}`,
    `Route: ${view.route}`,
    'Task:',
    ...indented(view.task),
    '',
    ...topSteps(run).flatMap((step) => blockOf(run, step)),
    ...endOf(view, run),
    '',
  ].join('\n');
}

function blockOf(run: ComparedRun, step: StepView): string[] {
  const { title, input, output } = stepText(step, run.payload);
  const inside = stepsInside(run, step);
  const model = step.model ? ` (${step.model.provider}/${step.model.model})` : '';
  return [
    `## ${title}${model}${step.isError ? ' (error)' : ''}`,
    ...indented(input),
    ...(input !== '' && output !== '' ? ['  →'] : []),
    ...indented(output),
    ...[...(step.files?.paths ?? [])].sort().map((path) => `  changed ${path}`),
    '',
    ...inside.steps
      .flatMap((one) => blockOf(inside.run, one))
      .map((line) => (line === '' ? '' : `    ${line}`)),
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
