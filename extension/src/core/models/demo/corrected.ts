import { codeOnly } from './source-text.ts';
import type { Candidate } from './suspects.ts';

/**
 * Changes that people have asked for: wherever code that they quoted differs from a place in the sources by one token, that
 * token. Not more, since a place that differs by two is probably another one.
 */
export function correctedBy(
  corrections: readonly string[],
  sources: ReadonlyMap<string, string>,
): readonly Candidate[] {
  const quoted = corrections.flatMap((said) => [...said.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code));
  return quoted.flatMap((code) => {
    const wanted = tokensOf(code);
    if (wanted.length < LEAST_TOKENS) return [];
    return [...sources].flatMap(([path, source]) => placesLike(wanted, path, source));
  });
}

/** One name or number fits nearly everywhere. */
const LEAST_TOKENS = 2;

interface Token {
  readonly text: string;
  readonly at: number;
}

function placesLike(wanted: readonly Token[], path: string, source: string): Candidate[] {
  const codeLines = codeOnly(source).split('\n');
  return source.split('\n').flatMap((oldLine, index) => {
    // A comment or a string is no place to be put right.
    const tokens = tokensOf(codeLines[index] ?? '');
    return tokens.flatMap((_, first): Candidate[] => {
      const here = tokens.slice(first, first + wanted.length);
      const others = here.filter(({ text }, at) => text !== wanted[at]?.text);
      const [wrong] = others;
      const right = wrong && wanted[here.indexOf(wrong)];
      if (here.length < wanted.length || others.length !== 1 || !wrong || !right) return [];
      if (kindOf(wrong.text) !== kindOf(right.text)) return [];
      const newLine = oldLine.slice(0, wrong.at) + right.text + oldLine.slice(wrong.at + wrong.text.length);
      return [{ path, symbol: undefined, line: index + 1, oldLine, newLine, kind: 'constant' }];
    });
  });
}

function tokensOf(code: string): readonly Token[] {
  return [...code.matchAll(/[A-Za-z_$][\w$]*|\d[\w.]*|[^\s\w]/g)].map((match) => ({
    text: match[0],
    at: match.index,
  }));
}

function kindOf(token: string): 'name' | 'number' | 'mark' {
  if (/^\d/.test(token)) return 'number';
  return /^[A-Za-z_$]/.test(token) ? 'name' : 'mark';
}
