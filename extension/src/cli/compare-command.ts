import path from 'node:path';
import type {
  ComparedRun,
  ComparedStep,
  RunComparison,
  StepSide,
  TextPart,
} from '../core/orchestration/compare/index.ts';
import { kindLabel } from '../protocol/step-label.ts';
import { usageError } from './arguments.ts';
import { EXIT } from './exit.ts';
import { inFolder } from './host.ts';
import type { Perform } from './perform.ts';
import { runNamed } from './run-commands.ts';
import type { Ink } from './style.ts';
import { fit, ink, safeLine, safeText } from './style.ts';
import type { Terminal } from './terminal.ts';

/** Compares two runs, each of which may be given by its id or as a recording's file. */
export const diff: Perform = async (given, terminal) => {
  const [a, b, ...more] = given.positionals;
  if (a === undefined || b === undefined || more.length > 0)
    throw usageError('`strata diff` takes two runs or two files of recordings.');
  const { comparedRun, compareRuns } = await import('../core/orchestration/compare/index.ts');
  const fromFile = async (name: string): Promise<ComparedRun | undefined> => {
    const { isRecording, readRecordingFile } = await import('../node/recordings/index.ts');
    if (!isRecording(name)) return undefined;
    const { log, root } = await readRecordingFile(path.resolve(name), name);
    return comparedRun(log, root);
  };
  const [left, right] = [await fromFile(a), await fromFile(b)];
  if (left && right) return show(compareRuns(left, right), given.json, terminal);
  return inFolder(given, terminal, (folder) => {
    const named = (name: string): ComparedRun =>
      comparedRun(folder.store, runNamed(folder, { ...given, positionals: [name] }));
    return Promise.resolve(show(compareRuns(left ?? named(a), right ?? named(b)), given.json, terminal));
  });
};

function show(comparison: RunComparison, asJson: boolean, terminal: Terminal): number {
  if (asJson) terminal.print(JSON.stringify(comparison));
  else for (const line of comparisonLines(comparison, terminal.out)) terminal.print(line);
  return EXIT.done;
}

function comparisonLines(comparison: RunComparison, out: NodeJS.WriteStream): string[] {
  const { a, b, steps, answer, summary } = comparison;
  const width = out.columns || 120;
  const head = [a, b].map(({ run, agent, task }, index) => {
    const facts = `${run} ${agent} ${task}`;
    return `${ink(out, 'bold', index === 0 ? 'A' : 'B')} ${fit(safeLine(facts), width - 3).trimEnd()}`;
  });
  return [
    ...head,
    '',
    ...steps.flatMap((step) => stepLines(step, out, width, 0)),
    ...(answer ? ['', 'Answer', ...changedLines(answer, out, width, '  ')] : []),
    '',
    ...summary.map((sentence) => safeText(sentence)),
  ];
}

const MARKS: Readonly<Record<ComparedStep['verdict'], { readonly sign: string; readonly ink: Ink }>> = {
  same: { sign: ' ', ink: 'dim' },
  changed: { sign: '~', ink: 'yellow' },
  'only-a': { sign: '-', ink: 'red' },
  'only-b': { sign: '+', ink: 'green' },
};
const NUMBER_WIDTH = 6;
const LABEL_WIDTH = 26;

/** `step of A, step of B, mark, what it is, what it did`, and below it what differs. */
function stepLines(step: ComparedStep, out: NodeJS.WriteStream, width: number, depth: number): string[] {
  const { a, b, verdict, differences } = step;
  const side = b ?? a;
  if (!side) return [];
  const { sign, ink: colour } = MARKS[verdict];
  const numbers = `${(a?.step ?? '').padStart(NUMBER_WIDTH)}${(b?.step ?? '').padStart(NUMBER_WIDTH)}`;
  const label = fit(`${'  '.repeat(depth)}${labelOf(side)}`, LABEL_WIDTH);
  const room = Math.max(1, width - 2 * NUMBER_WIDTH - LABEL_WIDTH - 6);
  const line = `${numbers}  ${sign} ${label} ${fit(safeLine(side.summary), room)}`.trimEnd();
  const indent = ' '.repeat(2 * NUMBER_WIDTH + 4 + 2 * depth);
  return [
    verdict === 'same' ? line : ink(out, colour, line),
    ...telling(differences).flatMap(({ aspect, parts }) => [
      ink(out, 'dim', `${indent}${aspect}`),
      ...changedLines(parts, out, width, `${indent}  `),
    ]),
    ...step.steps.flatMap((inner) => stepLines(inner, out, width, depth + 1)),
  ];
}

/** What was given something else naturally answers something else. */
function telling(differences: ComparedStep['differences']): ComparedStep['differences'] {
  const given = differences.some(({ aspect }) => aspect === 'input' || aspect === 'name');
  return given ? differences.filter(({ aspect }) => aspect !== 'output') : differences;
}

function labelOf({ kind, name, model }: StepSide): string {
  if (kind === 'tool') return safeLine(name);
  return safeLine(`${kindLabel(kind)} ${model?.name ?? name}`);
}

const SHOWN_LINES = 6;

/** The lines of which only one side has each; of a text of one line the whole of both. */
function changedLines(
  parts: readonly TextPart[],
  out: NodeJS.WriteStream,
  width: number,
  indent: string,
): string[] {
  const oneLine = !parts.some(({ text }) => text.includes('\n'));
  const lines = oneLine
    ? [
        { side: 'a' as const, text: joined(parts, 'a') },
        { side: 'b' as const, text: joined(parts, 'b') },
      ]
    : parts.flatMap(({ side, text }) =>
        text
          .replace(/\n$/, '')
          .split('\n')
          .map((line) => ({ side, text: line })),
      );
  const changed = lines.filter(({ side, text }) => side !== 'both' && text !== '');
  const shown = changed.slice(0, SHOWN_LINES).map(({ side, text }) => {
    const line = fit(
      `${side === 'a' ? '-' : '+'} ${safeText(text.replaceAll('\t', '  '))}`,
      Math.max(8, width - indent.length - 1),
    );
    return `${indent}${ink(out, side === 'a' ? 'red' : 'green', line.trimEnd())}`;
  });
  const left = changed.length - shown.length;
  return left > 0 ? [...shown, ink(out, 'dim', `${indent}… ${left} more lines (--json has all)`)] : shown;
}

function joined(parts: readonly TextPart[], side: 'a' | 'b'): string {
  return parts
    .filter((part) => part.side === side || part.side === 'both')
    .map(({ text }) => text)
    .join('');
}
