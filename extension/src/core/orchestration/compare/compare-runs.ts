import type { RunSide, StepVerdict } from '../../../protocol/compare-panel.ts';
import type { Json } from '../../../base/json.ts';
import { formatModel } from '../../../protocol/format.ts';
import type { RunView, StepView } from '../../../protocol/run-view.ts';
import { activeTime } from '../../../protocol/run-view.ts';
import { summariseStep } from '../../observability/step-summary.ts';
import { align } from './align.ts';
import type { Item } from './align.ts';
import { compareFiles } from './compared-files.ts';
import type { ComparedRun, ComparedStep, RunComparison, StepDifference, StepSide } from './comparison.ts';
import { finish } from './parts.ts';
import type { InParts } from './parts.ts';
import { inputText, outputText, titleOf } from './step-text.ts';
import { stepsInside, topSteps } from './step-tree.ts';
import { summarise } from './summary.ts';
import { textParts } from './text-parts.ts';

/** Two runs aligned step by step, with their differences. Where a payload is damaged, its message stands in its place. */
export function compareRuns(a: ComparedRun, b: ComparedRun): RunComparison {
  return finish(compareInParts(a, b));
}

/** All the work of comparing these two, in the units of its parts: each step is read once and set against another once. */
export function workOf(a: ComparedRun, b: ComparedRun): number {
  return 2 * (stepsOf(a.view) + stepsOf(b.view));
}

/** The same bit by bit, for a thread that has other things to do as well. */
export function* compareInParts(a: ComparedRun, b: ComparedRun): InParts<RunComparison> {
  const steps = yield* compareSteps({ run: a, steps: topSteps(a) }, { run: b, steps: topSteps(b) });
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

function* compareSteps(a: Level, b: Level): InParts<ComparedStep[]> {
  const numbers = new Map<string, number>();
  const places = yield* align(yield* itemsOf(a, numbers), yield* itemsOf(b, numbers));
  const compared: ComparedStep[] = [];
  for (const place of places) {
    const left = place.a === undefined ? undefined : a.steps[place.a];
    const right = place.b === undefined ? undefined : b.steps[place.b];
    compared.push(yield* comparePlace(a.run, left, b.run, right));
    yield left && right ? 2 : 1;
  }
  return compared;
}

function* comparePlace(
  a: ComparedRun,
  left: StepView | undefined,
  b: ComparedRun,
  right: StepView | undefined,
): InParts<ComparedStep> {
  const differences = left && right ? differencesOf({ run: a, step: left }, { run: b, step: right }) : [];
  const steps = yield* compareSteps(insideOf(a, left), insideOf(b, right));
  const same = differences.length === 0 && steps.every(({ verdict }) => verdict === 'same');
  return {
    verdict: left && right ? (same ? 'same' : 'changed') : left ? 'only-a' : 'only-b',
    ...(left ? { a: stepSide(left, a) } : {}),
    ...(right ? { b: stepSide(right, b) } : {}),
    differences,
    steps,
  };
}

function insideOf(run: ComparedRun, step: StepView | undefined): Level {
  if (!step) return { run, steps: [] };
  const inside = stepsInside(run, step);
  return { run: inside.run, steps: inside.steps };
}

/** What makes two steps the same, the likes of each other, or strangers; as numbers, since it is asked so often. */
function* itemsOf({ run, steps }: Level, numbers: Map<string, number>): InParts<Item[]> {
  const numberOf = (text: string): number => {
    const known = numbers.get(text);
    if (known !== undefined) return known;
    numbers.set(text, numbers.size);
    return numbers.size - 1;
  };
  const items: Item[] = [];
  for (const step of steps) {
    const name = JSON.stringify([step.kind, step.name]);
    // A tool's input is its arguments, and those are in its hash; a model call is known by what it answered.
    const what =
      step.kind === 'tool'
        ? step.inputHash
        : step.kind === 'chat'
          ? outputText(step, run.payload)
          : inputText(step, run.payload);
    items.push({ kind: numberOf(step.kind), name: numberOf(name), whole: numberOf(`${name}${what}`) });
    yield 1;
  }
  return items;
}

interface Placed {
  readonly run: ComparedRun;
  readonly step: StepView;
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
    steps: stepsOf(view),
  };
}

function stepsOf({ steps, totals }: RunView): number {
  return steps.length + totals.subSteps;
}

function count(steps: readonly ComparedStep[], counts: Record<StepVerdict, number>): void {
  for (const step of steps) {
    counts[step.verdict] += 1;
    count(step.steps, counts);
  }
}
