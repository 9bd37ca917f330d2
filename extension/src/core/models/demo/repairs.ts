import { codeOnly } from './source-text.ts';

/** One small change to one line. */
export interface Repair {
  readonly line: number;
  readonly oldLine: string;
  readonly newLine: string;
  readonly kind: RepairKind;
}

export type RepairKind = 'boundary' | 'rounding' | 'operator' | 'logic' | 'constant';

interface Rule {
  readonly kind: RepairKind;
  readonly find: RegExp;
  readonly replacements: readonly string[];
}

/** Slips that people make with one token. Comparisons stand between spaces in formatted code; `=>` and generics do not. */
const RULES: readonly Rule[] = [
  { kind: 'boundary', find: / < /g, replacements: [' <= ', ' > '] },
  { kind: 'boundary', find: / <= /g, replacements: [' < ', ' >= '] },
  { kind: 'boundary', find: / > /g, replacements: [' >= ', ' < '] },
  { kind: 'boundary', find: / >= /g, replacements: [' > ', ' <= '] },
  { kind: 'boundary', find: / [+-] 1\b(?![.\w])/g, replacements: [''] },
  { kind: 'rounding', find: /\bMath\.(?:floor|ceil|trunc)\b/g, replacements: ['Math.round'] },
  { kind: 'rounding', find: /\bMath\.round\b/g, replacements: ['Math.floor', 'Math.ceil'] },
  { kind: 'operator', find: / \+ /g, replacements: [' - '] },
  { kind: 'operator', find: / - /g, replacements: [' + '] },
  { kind: 'operator', find: / \* /g, replacements: [' / '] },
  { kind: 'operator', find: / \/ /g, replacements: [' * '] },
  { kind: 'operator', find: / \+= /g, replacements: [' -= '] },
  { kind: 'operator', find: / -= /g, replacements: [' += '] },
  { kind: 'operator', find: /\bMath\.min\b/g, replacements: ['Math.max'] },
  { kind: 'operator', find: /\bMath\.max\b/g, replacements: ['Math.min'] },
  { kind: 'logic', find: / === /g, replacements: [' !== '] },
  { kind: 'logic', find: / !== /g, replacements: [' === '] },
  { kind: 'logic', find: / && /g, replacements: [' || '] },
  { kind: 'logic', find: / \|\| /g, replacements: [' && '] },
  { kind: 'logic', find: /!(?=[\w$(])/g, replacements: [''] },
  { kind: 'logic', find: /\bif \((?=[\w$.]+\))/g, replacements: ['if (!'] },
  { kind: 'logic', find: /\btrue\b/g, replacements: ['false'] },
  { kind: 'logic', find: /\bfalse\b/g, replacements: ['true'] },
  { kind: 'constant', find: /(?<![\w.])0(?![\w.])/g, replacements: ['1'] },
  { kind: 'constant', find: /(?<![\w.])1(?![\w.])/g, replacements: ['0'] },
];

/** Every rule at every place of the given lines, in reading order. */
export function repairsOf(source: string, startLine: number, endLine: number): Repair[] {
  const lines = source.split('\n');
  const codeLines = codeOnly(source).split('\n');
  const found: Repair[] = [];
  for (let line = startLine; line <= endLine; line += 1) {
    const oldLine = lines[line - 1] ?? '';
    const code = codeLines[line - 1] ?? '';
    if (code.trim() === '' || /^\s*(?:import|export\s+(?:\*|\{))/.test(code)) continue;
    for (const { kind, find, replacements } of RULES) {
      for (const match of code.matchAll(find)) {
        for (const replacement of replacements) {
          const newLine =
            oldLine.slice(0, match.index) + replacement + oldLine.slice(match.index + match[0].length);
          found.push({ line, oldLine, newLine, kind });
        }
      }
    }
    const rounded = withRounding(oldLine, code);
    if (rounded !== undefined) found.push({ line, oldLine, newLine: rounded, kind: 'rounding' });
  }
  return found;
}

/** A product or a quotient that is returned as it comes out. */
function withRounding(line: string, code: string): string | undefined {
  const match = /^(\s*return )(.+);\s*$/.exec(line);
  if (!match || !/ [*/] /.test(code) || /round|floor|ceil|trunc/i.test(code)) return undefined;
  return `${match[1] ?? ''}Math.round(${match[2] ?? ''});`;
}
