import type { ComparedRun, ComparedStep, RunComparison } from '../../core/orchestration/compare/index.ts';
import type {
  CompareLine,
  ComparePart,
  CompareStep,
  CompareText,
  StepAspect,
} from '../../protocol/compare-panel.ts';
import { stepOf } from '../../protocol/run-view.ts';

/** Characters of one line's texts that a page is sent: more takes it a second to lay out. */
const MOST = 200_000;

const TITLES: Readonly<Record<StepAspect, string>> = {
  name: 'What it is',
  model: 'Model',
  input: 'What it was given',
  output: 'What came of it',
  status: 'How it ended',
  files: 'Files that it changed',
};

type StepText = { readonly input: string; readonly output: string };

/** What the texts of a line are made from. */
export interface ComparedTexts {
  readonly comparison: RunComparison;
  readonly runs: { readonly a: ComparedRun; readonly b: ComparedRun };
  readonly textOf: (run: ComparedRun, step: NonNullable<ReturnType<typeof stepOf>>) => StepText;
  readonly partsOf: (a: string, b: string) => readonly ComparePart[];
}

/** What of a line differs; where nothing does, or only one run has it, what there is. */
export function textsOf(
  compared: ComparedTexts,
  line: CompareLine,
  step: ComparedStep | undefined,
): { readonly texts: readonly CompareText[]; readonly cut: boolean } {
  const { comparison, runs, partsOf } = compared;
  if (line.part === 'task')
    return within([{ title: 'Task', parts: partsOf(runs.a.view.task, runs.b.view.task) }]);
  if (line.part === 'answer') return within([{ title: 'Answer', parts: comparison.answer ?? [] }]);
  if (step && step.differences.length > 0)
    return within(step.differences.map(({ aspect, parts }) => ({ title: TITLES[aspect], parts })));
  const side = line.verdict === 'only-a' ? 'a' : line.verdict === 'only-b' ? 'b' : 'both';
  const own = side === 'b' ? line.b : line.a;
  const text = own && textOfStep(compared, side === 'b' ? runs.b : runs.a, own);
  if (!text) return { texts: [], cut: false };
  return within(
    (['input', 'output'] as const)
      .filter((aspect) => text[aspect] !== '')
      .map((aspect) => ({ title: TITLES[aspect], parts: [{ side, text: text[aspect] }] })),
  );
}

function textOfStep(
  { textOf }: ComparedTexts,
  run: ComparedRun,
  { run: owner, step }: CompareStep,
): StepText | undefined {
  const view = owner === run.view.id ? run.view : run.subRun(owner);
  const found = view && stepOf(view, step);
  return found && textOf(run, found);
}

function within(texts: readonly CompareText[]): {
  readonly texts: readonly CompareText[];
  readonly cut: boolean;
} {
  let left = MOST;
  let cut = false;
  const kept = texts.map(({ title, parts }) => ({
    title,
    parts: parts.flatMap(({ side, text }) => {
      const shown = text.slice(0, left);
      left -= shown.length;
      cut ||= shown.length < text.length;
      return shown === '' ? [] : [{ side, text: shown }];
    }),
  }));
  return { texts: kept, cut };
}
