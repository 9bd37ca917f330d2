import type { CompareLine, StepVerdict } from '../../../extension/src/protocol/compare-panel.ts';

/** Whether the line itself differs, and not only what is inside of it. */
export function differs({ verdict, aspects }: CompareLine): boolean {
  return verdict === 'only-a' || verdict === 'only-b' || aspects.length > 0;
}

/** Numbers of the lines that are listed. Around a difference stands what it is inside of. */
export function listed(lines: readonly CompareLine[], onlyDifferences: boolean): readonly number[] {
  const all = lines.map((_, index) => index);
  return onlyDifferences ? all.filter((index) => lines[index]?.verdict !== 'same') : all;
}

/** The next line that differs, before or after `from`; undefined when there is none. */
export function differenceFrom(
  lines: readonly CompareLine[],
  from: number,
  direction: 1 | -1,
): number | undefined {
  for (let index = from + direction; index >= 0 && index < lines.length; index += direction) {
    const line = lines[index];
    if (line && differs(line)) return index;
  }
  return undefined;
}

export type Counts = Readonly<Record<StepVerdict, number>>;

/** Of lines that differ because of what is inside of them none is counted as changed. */
export function countsOf(lines: readonly CompareLine[]): Counts {
  const counts: Record<StepVerdict, number> = { same: 0, changed: 0, 'only-a': 0, 'only-b': 0 };
  for (const line of lines) if (line.verdict === 'same' || differs(line)) counts[line.verdict] += 1;
  return counts;
}

/** Where the selection goes when its line is not listed: to the next one that is, else to the last. */
export function nearest(shown: readonly number[], line: number): number {
  const index = shown.findIndex((one) => one >= line);
  return index < 0 ? shown.length - 1 : index;
}
