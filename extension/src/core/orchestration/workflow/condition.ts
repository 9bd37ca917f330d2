import type { WorkflowCondition } from './definition.ts';
import { compilePattern } from './condition-pattern.ts';

/** What is known of a node that has run. */
export interface NodeResult {
  readonly answer: string;
  readonly outcome: 'succeeded' | 'failed';
}

export const OUTCOMES: readonly NodeResult['outcome'][] = ['succeeded', 'failed'];

/**
 * Whether an edge is taken. One without a condition always is. Of a node that has not run nothing is true, so only a
 * condition that begins with `not` holds. Upper and lower case differ; `is` leaves white space at the ends out.
 */
export function edgeHolds(
  condition: WorkflowCondition | undefined,
  results: ReadonlyMap<string, NodeResult>,
): boolean {
  if (!condition) return true;
  const result = results.get(condition.node);
  return (result !== undefined && fits(condition, result[condition.field])) !== condition.negated;
}

function fits({ test, value }: WorkflowCondition, actual: string): boolean {
  if (test === 'contains') return actual.includes(value);
  if (test === 'equals') return actual.trim() === value.trim();
  const [source, flags] = patternOf(value);
  return compilePattern(source, flags === 'i').test(actual);
}

export type ReadCondition =
  | { readonly ok: true; readonly condition: WorkflowCondition }
  | {
      readonly ok: false;
      readonly problem: string;
      readonly word: string;
      readonly expected: readonly string[];
    };

const SHAPE = /^(not\s+)?(\S+?)\.(\S+)\s+(\S+)\s+(\S[\s\S]*)$/;
const TESTS: Readonly<Record<string, WorkflowCondition['test']>> = {
  contains: 'contains',
  is: 'equals',
  matches: 'matches',
};

export const CONDITION_TESTS = Object.keys(TESTS);
export const CONDITION_FIELDS = ['answer', 'outcome'] as const;

/**
 * Reads `review.answer contains "APPROVED"`, `tests.outcome is "failed"`, `plan.answer matches /^[-*] /`, and each with
 * `not` before it. `word` is the part of the text that is wrong. The value of `matches` keeps its slashes.
 */
export function readCondition(given: string): ReadCondition {
  const text = given.trim();
  const [, not, node, fieldWord, testWord, rest] = SHAPE.exec(text) ?? [];
  if (node === undefined || fieldWord === undefined || testWord === undefined || rest === undefined) {
    return wrong('must be such as: review.answer contains "APPROVED"', text);
  }
  const field = CONDITION_FIELDS.find((one) => one === fieldWord);
  if (!field) return wrong(`“${fieldWord}” must be answer or outcome`, fieldWord, CONDITION_FIELDS);
  const test = Object.hasOwn(TESTS, testWord) ? TESTS[testWord] : undefined;
  if (!test) return wrong(`“${testWord}” must be contains, is or matches`, testWord, CONDITION_TESTS);
  const value = readValue(test, rest.trim());
  if ('problem' in value) return wrong(value.problem, rest.trim());
  if (field === 'outcome' && test === 'equals' && !OUTCOMES.some((outcome) => outcome === value.text)) {
    return wrong(
      'an outcome is "succeeded" or "failed"',
      rest.trim(),
      OUTCOMES.map((outcome) => `"${outcome}"`),
    );
  }
  return { ok: true, condition: { node, field, test, value: value.text, negated: not !== undefined } };
}

function wrong(problem: string, word: string, expected: readonly string[] = []): ReadCondition {
  return { ok: false, problem, word, expected };
}

function readValue(
  test: WorkflowCondition['test'],
  text: string,
): { readonly text: string } | { readonly problem: string } {
  if (test !== 'matches') {
    const quoted = /^"([^"]*)"$|^'([^']*)'$/.exec(text);
    const inner = quoted?.[1] ?? quoted?.[2];
    if (inner === undefined) return { problem: `the text must stand in quotes: ${JSON.stringify(text)}` };
    return inner === '' && test === 'contains'
      ? { problem: 'every answer contains an empty text' }
      : { text: inner };
  }
  if (!/^\/.+\/i?$/s.test(text))
    return { problem: 'the pattern must stand between slashes: /APPROVED/ or /approved/i' };
  try {
    const [source, flags] = patternOf(text);
    compilePattern(source, flags === 'i');
    return { text };
  } catch (error) {
    return {
      problem: `the pattern cannot be used: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

function patternOf(text: string): readonly [string, string] {
  const end = text.lastIndexOf('/');
  return [text.slice(1, end), text.slice(end + 1)];
}
