import type { Repair, RepairKind } from './repairs.ts';
import { repairsOf } from './repairs.ts';
import type { Definition } from './source-text.ts';
import { codeOnly, definitionsOf, namesIn } from './source-text.ts';
import type { TestRun } from './test-output.ts';
import { sharedWords, wordsOf } from './words.ts';

export interface Candidate extends Repair {
  readonly path: string;
  readonly symbol: string | undefined;
}

const ORDER: readonly RepairKind[] = ['boundary', 'rounding', 'operator', 'logic', 'constant'];
/** Calls between a failing test and a definition that are still followed. */
const MAX_DISTANCE = 4;

/**
 * All repairs worth a try, the likeliest first: those near to what the failing test calls, whose lines share words with
 * the test's name, of a kind that fits the failure.
 */
export function candidatesFor(
  run: TestRun,
  tests: ReadonlyMap<string, string>,
  sources: ReadonlyMap<string, string>,
): Candidate[] {
  const reached = distances(failingCode(run, tests), sources);
  const words = wordsOf(run.failing.join(' '));
  const penalty = penaltyOf(run);
  const named = new Set(run.places.map(({ path, line }) => `${path}:${line}`));
  const scored: { readonly candidate: Candidate; readonly score: number }[] = [];
  for (const [path, source] of sources) {
    const definitions = definitionsOf(source);
    for (const repair of repairsOf(source, 1, source.split('\n').length)) {
      const around = outermost(definitions, repair.line);
      const distance = around ? reached.get(`${path}#${around.name}`) : undefined;
      if (distance === undefined) continue;
      const score =
        distance * 10 +
        penalty(repair.kind) -
        Math.min(5, sharedWords(words, `${around?.name ?? ''} ${repair.oldLine}`)) * 3 -
        (named.has(`${path}:${repair.line}`) ? 15 : 0);
      scored.push({ candidate: { ...repair, path, symbol: around?.name }, score });
    }
  }
  return scored.sort((a, b) => a.score - b.score).map(({ candidate }) => candidate);
}

/** The text of the failing tests; whole test files where the output does not say which lines. */
function failingCode(run: TestRun, tests: ReadonlyMap<string, string>): string {
  const parts: string[] = [];
  for (const [path, source] of tests) {
    const lines = source.split('\n');
    for (const place of run.places.filter((named) => named.path === path)) {
      let start = place.line;
      while (start > 1 && !/^\s*(?:test|it|describe)\b/.test(lines[start - 1] ?? '')) start -= 1;
      let end = place.line;
      while (end < lines.length && !/^\s*(?:test|it|describe)\b/.test(lines[end] ?? '')) end += 1;
      parts.push(lines.slice(start - 1, end).join('\n'));
    }
  }
  const code = codeOnly(parts.length > 0 ? parts.join('\n') : [...tests.values()].join('\n'));
  return [code, ...helpersOf(code, tests)].join('\n');
}

/** Functions of the test files that a test calls are part of it. */
function helpersOf(code: string, tests: ReadonlyMap<string, string>): string[] {
  const called = namesIn(code);
  return [...tests.values()].flatMap((source) => {
    const lines = codeOnly(source).split('\n');
    const helpers = definitionsOf(source).filter(({ name }) => called.has(name));
    return helpers.map(({ startLine, endLine }) => lines.slice(startLine - 1, endLine).join('\n'));
  });
}

/** How many calls each definition is away from the given code. Names are matched, types are not known. */
function distances(from: string, sources: ReadonlyMap<string, string>): Map<string, number> {
  const all = [...sources].flatMap(([path, source]) => {
    const lines = codeOnly(source).split('\n');
    return definitionsOf(source).map((definition) => ({
      id: `${path}#${definition.name}`,
      name: definition.name,
      uses: namesIn(lines.slice(definition.startLine - 1, definition.endLine).join('\n')),
    }));
  });
  const reached = new Map<string, number>();
  let names = namesIn(from);
  for (let distance = 0; distance <= MAX_DISTANCE; distance += 1) {
    const next = all.filter(({ id, name }) => names.has(name) && !reached.has(id));
    for (const { id } of next) reached.set(id, distance);
    names = new Set(next.flatMap(({ uses }) => [...uses]));
  }
  return reached;
}

/** A constant or a callback inside a function is judged as part of it: tests name functions. */
function outermost(definitions: readonly Definition[], line: number): Definition | undefined {
  return definitions.find(({ startLine, endLine }) => startLine <= line && line <= endLine);
}

/** How far a kind moves back. An amount with a fraction where a whole one was wanted speaks for rounding first. */
function penaltyOf(run: TestRun): (kind: RepairKind) => number {
  const fractional =
    (/^\s*\+ +-?\d+\.\d+,?$/m.test(run.excerpt) && !/^\s*- +-?\d+\.\d+,?$/m.test(run.excerpt)) ||
    /(?:^|\s)-?\d+\.\d+ !== -?\d+(?:\s|$)/.test(run.excerpt);
  return (kind) => (fractional && kind === 'rounding' ? -20 : ORDER.indexOf(kind) * 3);
}
