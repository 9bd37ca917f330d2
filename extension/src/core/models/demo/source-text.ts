/**
 * JavaScript and TypeScript as far as a demo needs it: where code is code, what is defined where, and what is imported.
 * Not a parser: it works on the shapes that formatted code has.
 */

/** The text with every string, comment and regular expression blanked, so that offsets stay and tokens are real ones. */
export function codeOnly(source: string): string {
  const token =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`|(?<=(?:^|[=(,:;!&|?{}[\]]|\breturn)\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/g;
  return source.replace(token, (text) => text.replace(/[^\n]/g, ' '));
}

export interface Definition {
  readonly name: string;
  /** Lines count from 1, both ends included. */
  readonly startLine: number;
  readonly endLine: number;
}

const DEFINITIONS = [
  /^[ \t]*(?:export\s+)?(?:default\s+)?(?:async\s+)?function\s*\*?\s*([\w$]+)/gm,
  /^[ \t]*(?:export\s+)?(?:const|let|var)\s+([\w$]+)\s*(?::[^=\n]+)?=/gm,
  /^[ \t]+(?:(?:static|async|get|set|public|private|protected|readonly|override)\s+)*(#?[\w$]+)\s*\([^\n]*\)[^\n;]*\{\s*$/gm,
];
const NO_NAMES = new Set(['if', 'for', 'while', 'switch', 'catch', 'function', 'return', 'constructor']);

/** Functions, methods and constants with the lines that they cover. */
export function definitionsOf(source: string): Definition[] {
  const code = codeOnly(source);
  const found: Definition[] = [];
  for (const pattern of DEFINITIONS) {
    for (const match of code.matchAll(pattern)) {
      const name = match[1];
      if (name === undefined || NO_NAMES.has(name)) continue;
      const end = endOfDefinition(
        code,
        match.index + match[0].length - (match[0].trimEnd().endsWith('{') ? 2 : 0),
      );
      const start = match.index + (match[0].length - match[0].trimStart().length);
      found.push({ name: name.replace('#', ''), startLine: lineAt(code, start), endLine: lineAt(code, end) });
    }
  }
  return found.sort((a, b) => a.startLine - b.startLine);
}

/** The end of the statement or block that goes on at an offset. */
function endOfDefinition(code: string, from: number): number {
  let depth = 0;
  for (let at = from; at < code.length; at += 1) {
    const char = code[at] ?? '';
    if ('([{'.includes(char)) depth += 1;
    else if (')]}'.includes(char)) {
      depth -= 1;
      if (depth < 0) return at;
      if (depth === 0 && char === '}' && /^\s*(?:\n|$)/.test(code.slice(at + 1, at + 40))) return at;
    } else if (char === ';' && depth === 0) return at;
  }
  return code.length;
}

function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}

/** Files that a file imports by a relative path, as paths from the workspace. */
export function importsOf(path: string, source: string): string[] {
  const found = new Set<string>();
  for (const match of source.matchAll(
    /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\(\s*)['"](\.{1,2}\/[^'"]+)['"]/g,
  )) {
    if (match[1] !== undefined) found.add(resolved(path, match[1]));
  }
  return [...found];
}

function resolved(from: string, specifier: string): string {
  const parts = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  const path = parts.join('/');
  return /\.\w+$/.test(path) ? path : `${path}.js`;
}

export function namesIn(code: string): Set<string> {
  return new Set(code.match(/[A-Za-z_$][\w$]*/g) ?? []);
}
