import type { Json, JsonObject } from '../../../base/json.ts';
import { isStrataError } from '../../../base/errors.ts';
import { readPayload } from '../../../protocol/payload.ts';
import type { BlobId } from '../../../protocol/run-event.ts';
import type { StepView } from '../../../protocol/run-view.ts';
import { readableText } from './readable-text.ts';
import { titleOf } from './step-text.ts';

/** What a program asks for at a place where another step was recorded. */
export interface AskedStep {
  readonly kind: StepView['kind'];
  readonly name: string;
  readonly input: Json;
}

export interface Sides {
  readonly recorded: string;
  readonly actual: string;
}

/** Equal lines that are shown around those that differ. */
const CONTEXT = 3;

/**
 * The two steps in words, cut down to where they differ. `getBlob` must know the blobs of both. Undefined where one of them
 * cannot be read.
 */
export function bothSides(
  recorded: StepView | undefined,
  asked: AskedStep,
  getBlob: (id: BlobId) => string,
): Sides | undefined {
  let before: Json;
  let now: Json;
  try {
    before = recorded ? readPayload(getBlob, recorded.input) : null;
    now = readPayload(getBlob, { inline: asked.input });
  } catch (error) {
    if (isStrataError(error)) return undefined;
    throw error;
  }
  const other = titleOf(asked);
  if (!recorded) return { recorded: 'nothing', actual: withTitle(other, now) };
  const title = titleOf(recorded);
  if (title !== other) return { recorded: withTitle(title, before), actual: withTitle(other, now) };
  const [left, right] = whereTheyDiffer(before, now);
  return withoutEqualLines(withTitle(title, left), withTitle(title, right));
}

/** A line of a long text may be all that differs: what is equal around it is counted. The first line is the title. */
function withoutEqualLines(recorded: string, actual: string): Sides {
  const [left, right] = [recorded.split('\n'), actual.split('\n')];
  const shortest = Math.min(left.length, right.length);
  let start = 0;
  while (start < shortest && left[start] === right[start]) start += 1;
  let end = 0;
  while (end < shortest - start && left.at(-1 - end) === right.at(-1 - end)) end += 1;
  const before = Math.max(0, start - 1 - CONTEXT);
  const after = Math.max(0, end - CONTEXT);
  const cut = ([title = '', ...lines]: readonly string[]): string =>
    [title, ...counted(before), ...lines.slice(before, lines.length - after), ...counted(after)].join('\n');
  return { recorded: cut(left), actual: cut(right) };
}

function counted(lines: number): string[] {
  if (lines === 0) return [];
  return [lines === 1 ? '  … 1 equal line' : `  … ${lines} equal lines`];
}

function withTitle(title: string, value: Json): string {
  return [
    title,
    ...readableText(value)
      .split('\n')
      .filter(Boolean)
      .map((line) => `  ${line}`),
  ].join('\n');
}

/** Of mappings the members that differ, of lists what stands between an equal beginning and an equal end. */
function whereTheyDiffer(a: Json, b: Json): readonly [Json, Json] {
  if (isList(a) && isList(b)) {
    let start = 0;
    while (start < Math.min(a.length, b.length) && isSame(a[start], b[start])) start += 1;
    let end = 0;
    while (end < Math.min(a.length, b.length) - start && isSame(a.at(-1 - end), b.at(-1 - end))) end += 1;
    return [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  }
  if (!isObject(a) || !isObject(b)) return [a, b];
  const left: Record<string, Json> = {};
  const right: Record<string, Json> = {};
  for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const [one, other] = [a[name], b[name]];
    if (isSame(one, other)) continue;
    const [cut, otherCut] =
      one === undefined || other === undefined ? [one, other] : whereTheyDiffer(one, other);
    if (cut !== undefined) left[name] = cut;
    if (otherCut !== undefined) right[name] = otherCut;
  }
  return [left, right];
}

function isSame(a: Json | undefined, b: Json | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !isList(value);
}
