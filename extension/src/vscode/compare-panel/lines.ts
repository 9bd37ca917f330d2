import type {
  ComparedRun,
  ComparedStep,
  InParts,
  RunComparison,
  StepSide,
} from '../../core/orchestration/compare/index.ts';
import type {
  CompareLine,
  CompareRun,
  CompareStep,
  RunSide,
  StepAspect,
} from '../../protocol/compare-panel.ts';
import type { RunId } from '../../protocol/run-event.ts';
import { stepLabel } from '../../protocol/step-label.ts';

/** Of what a step did; the row ends long before. */
const SUMMARY = 200;
/** Of a task or an error, in the heads. */
const HEAD = 300;

/** A line with what its texts are made from. */
export interface PlacedLine {
  readonly line: CompareLine;
  readonly step?: ComparedStep;
}

/** A comparison as the lines of a list, depth first, bit by bit. The texts that differ are asked for line by line. */
export function* linesOf(comparison: RunComparison): InParts<readonly PlacedLine[]> {
  const { a, b, answer } = comparison;
  const lines: PlacedLine[] = [];
  const add = (part: CompareLine['part'], aspect: StepAspect): void => {
    lines.push({ line: { part, level: 1, verdict: 'changed', aspects: [aspect] } });
  };
  if (a.task !== b.task) add('task', 'input');
  yield* take(lines, comparison.steps, { level: 1, a: { run: a.run }, b: { run: b.run } });
  if (answer) add('answer', 'output');
  return lines;
}

/** What steps are inside of. */
interface Around {
  readonly run: RunId;
  readonly step?: StepSide;
}

interface Level {
  readonly level: number;
  readonly a: Around;
  readonly b: Around;
}

function* take(lines: PlacedLine[], steps: readonly ComparedStep[], around: Level): InParts<void> {
  for (const step of steps) {
    const { verdict, a, b, differences, steps: inside } = step;
    const [left, right] = [a && stepOf(a, around.a), b && stepOf(b, around.b)];
    const line: CompareLine = {
      ...{ part: 'step', level: around.level, verdict },
      ...(left ? { a: left } : {}),
      ...(right ? { b: right } : {}),
      aspects: differences.map(({ aspect }) => aspect),
    };
    lines.push({ line, step });
    yield 0;
    yield* take(lines, inside, {
      level: around.level + 1,
      a: { run: left?.run ?? around.a.run, ...(a ? { step: a } : {}) },
      b: { run: right?.run ?? around.b.run, ...(b ? { step: b } : {}) },
    });
  }
}

function stepOf(side: StepSide, around: Around): CompareStep {
  const { step, kind, name, status, isError, summary, durationMs, model } = side;
  const label = stepLabel({ kind, name, model: undefined });
  return {
    ...{ run: runOf(side, around), step, kind, status, isError },
    ...{ title: label.title, detail: model?.name ?? label.detail, summary: cut(summary, SUMMARY) },
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(model ? { usage: model.usage, cost: model.cost } : {}),
  };
}

/** A step inside of one that has a run of its own is that run's, unless its number goes on from the outer one's. */
function runOf({ step }: StepSide, { run, step: outer }: Around): RunId {
  return outer?.child === undefined || step.startsWith(`${outer.step}.`) ? run : outer.child;
}

export function headOf(side: RunSide, { view }: ComparedRun, files: number): CompareRun {
  const { task, error } = side;
  return {
    ...side,
    ...{ task: cut(task, HEAD), startedAt: view.startedAt, files },
    ...(error === undefined ? {} : { error: cut(error, HEAD) }),
  };
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
