import type { Json } from '../../../base/json.ts';
import { formatModel } from '../../../protocol/format.ts';
import type { RunView, StepView } from '../../../protocol/run-view.ts';
import { activeTime } from '../../../protocol/run-view.ts';
import { summariseStep } from '../../observability/step-summary.ts';
import { align } from './align.ts';
import type { Item } from './align.ts';
import { compareFiles } from './compared-files.ts';
import type {
  ComparedRun,
  ComparedStep,
  RunComparison,
  RunSide,
  StepDifference,
  StepSide,
  StepVerdict,
} from './comparison.ts';
import { inputText, outputText, titleOf } from './step-text.ts';
import { stepsInside, topSteps } from './step-tree.ts';
import { summarise } from './summary.ts';
import { textParts } from './text-parts.ts';

/** Two runs aligned step by step, with their differences. Where a payload is damaged, its message stands in its place. */
export function compareRuns(a: ComparedRun, b: ComparedRun): RunComparison {
  const steps = compareSteps({ run: a, steps: topSteps(a) }, { run: b, steps: topSteps(b) });
  const counts = { same: 0, changed: 0, 'only-a': 0, 'only-b': 0 };
  count(steps, counts);
  const [said, other] = [answerOf(a), answerOf(b)];
  const compared = {
    a: sideOf(a.view),
    b: sideOf(b.view),
    steps,
    counts,
    ...(said === other ? {} : { answer: textParts(said, other) }),
    files: compareFiles(a.view, b.view),
  };
  return { ...compared, summary: summarise(compared) };
}

/** The steps of one level of a run. */
interface Level {
  readonly run: ComparedRun;
  readonly steps: readonly StepView[];
}

function compareSteps(a: Level, b: Level): ComparedStep[] {
  const numbers = new Map<string, number>();
  const places = align(itemsOf(a, numbers), itemsOf(b, numbers));
  return places.map((place) => {
    const left = place.a === undefined ? undefined : a.steps[place.a];
    const right = place.b === undefined ? undefined : b.steps[place.b];
    if (left && right) return comparePair({ run: a.run, step: left }, { run: b.run, step: right });
    const verdict = left ? 'only-a' : 'only-b';
    return {
      verdict,
      ...(left ? { a: stepSide(left, a.run) } : {}),
      ...(right ? { b: stepSide(right, b.run) } : {}),
      differences: [],
      steps: compareSteps(insideOf(a.run, left), insideOf(b.run, right)),
    };
  });
}

function insideOf(run: ComparedRun, step: StepView | undefined): Level {
  if (!step) return { run, steps: [] };
  const inside = stepsInside(run, step);
  return { run: inside.run, steps: inside.steps };
}

/** What makes two steps the same, the likes of each other, or strangers; as numbers, since it is asked so often. */
function itemsOf({ run, steps }: Level, numbers: Map<string, number>): Item[] {
  const numberOf = (text: string): number => {
    const known = numbers.get(text);
    if (known !== undefined) return known;
    numbers.set(text, numbers.size);
    return numbers.size - 1;
  };
  return steps.map((step) => {
    const name = JSON.stringify([step.kind, step.name]);
    // A tool's input is its arguments, and those are in its hash; a model call is known by what it answered.
    const what =
      step.kind === 'tool'
        ? step.inputHash
        : step.kind === 'chat'
          ? outputText(step, run.payload)
          : inputText(step, run.payload);
    return { kind: numberOf(step.kind), name: numberOf(name), whole: numberOf(`${name}${what}`) };
  });
}

interface Placed {
  readonly run: ComparedRun;
  readonly step: StepView;
}

function comparePair(a: Placed, b: Placed): ComparedStep {
  const differences = differencesOf(a, b);
  const steps = compareSteps(insideOf(a.run, a.step), insideOf(b.run, b.step));
  const same = differences.length === 0 && steps.every(({ verdict }) => verdict === 'same');
  return {
    verdict: same ? 'same' : 'changed',
    a: stepSide(a.step, a.run),
    b: stepSide(b.step, b.run),
    differences,
    steps,
  };
}

function differencesOf(a: Placed, b: Placed): StepDifference[] {
  const found: StepDifference[] = [];
  const check = (aspect: StepDifference['aspect'], left: string, right: string): void => {
    if (left !== right) found.push({ aspect, parts: textParts(left, right) });
  };
  check('name', titleOf(a.step), titleOf(b.step));
  check('model', modelText(a.step), modelText(b.step));
  if (a.step.inputHash !== b.step.inputHash)
    check('input', inputText(a.step, a.run.payload), inputText(b.step, b.run.payload));
  check('status', statusText(a.step), statusText(b.step));
  if (JSON.stringify(a.step.output) !== JSON.stringify(b.step.output) || a.step.error || b.step.error)
    check('output', outputText(a.step, a.run.payload), outputText(b.step, b.run.payload));
  check('files', pathsText(a.step), pathsText(b.step));
  return found;
}

function modelText({ model }: StepView): string {
  return model ? `${model.provider}/${model.model}` : '';
}

function statusText({ status, isError }: StepView): string {
  return isError ? 'finished with an error' : status;
}

function pathsText({ files }: StepView): string {
  return files ? [...files.paths].sort().join('\n') : '';
}

function stepSide(step: StepView, run: ComparedRun): StepSide {
  const { id, kind, name, status, isError, durationMs, model, child } = step;
  return {
    step: id,
    kind,
    name,
    status,
    isError,
    summary: lineOf(step, run),
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(model ? { model: { name: formatModel(model), usage: model.usage, cost: model.cost } } : {}),
    paths: step.files?.paths ?? [],
    ...(child === undefined ? {} : { child }),
  };
}

function lineOf(step: StepView, run: ComparedRun): string {
  // The reading of a damaged payload says so; everything else of a summary is plain data.
  const read = (payload: StepView['input']): Json => {
    try {
      return run.payload(payload);
    } catch {
      return '(cannot be read)';
    }
  };
  return summariseStep(step, read);
}

function answerOf({ view, payload }: ComparedRun): string {
  if (!view.answer) return '';
  const answer = payload(view.answer);
  return typeof answer === 'string' ? answer : JSON.stringify(answer);
}

function sideOf(view: RunView): RunSide {
  return {
    run: view.id,
    agent: view.agent,
    task: view.task,
    status: view.status,
    ...(view.error ? { error: view.error.message } : {}),
    activeMs: activeTime(view, view.endedAt ?? view.activeAt),
    totals: { ...view.totals },
    steps: view.steps.length + view.totals.subSteps,
  };
}

function count(steps: readonly ComparedStep[], counts: Record<StepVerdict, number>): void {
  for (const step of steps) {
    counts[step.verdict] += 1;
    count(step.steps, counts);
  }
}
