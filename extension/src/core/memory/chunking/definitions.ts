import { joinTiny, sectionOf, type Section } from './section.ts';

/**
 * Cuts code at the lines where definitions begin: at the outermost level, and one level inside classes and their like.
 * It goes by line shape and indentation, over many languages; a missed definition stays in the section before it, so
 * no line is ever lost.
 */
export function codeSections(lines: readonly string[]): Section[] {
  const starts: { line: number; symbol?: string }[] = [{ line: 0 }];
  const open: Definition[] = [];
  for (const [number, line] of lines.entries()) {
    if (line.length > LONGEST_HEAD || BLANK.test(line)) continue;
    const indent = indentOf(line);
    if (!CLOSER.test(line)) while (open.length > 0 && (open.at(-1)?.indent ?? 0) >= indent) open.pop();
    const parent = open.at(-1);
    if (parent !== undefined && !parent.container) continue;
    const found = definitionIn(line, indent, parent);
    if (found === undefined) continue;
    open.push(found);
    const lastStart = starts.length === 1 ? -1 : (starts.at(-1)?.line ?? -1);
    starts.push({ line: withLeadingComments(lines, number, lastStart), symbol: found.symbol });
  }
  const sections = starts.map(({ line, symbol }, at) =>
    sectionOf(line, starts[at + 1]?.line ?? lines.length, symbol),
  );
  return joinTiny(sections.filter((section) => section.end > section.start));
}

interface Definition {
  readonly indent: number;
  readonly symbol: string;
  /** Whether its members are definitions of their own. */
  readonly container: boolean;
}

function definitionIn(line: string, indent: number, parent: Definition | undefined): Definition | undefined {
  const container = CONTAINER.exec(line) ?? CLASS_BINDING.exec(line);
  const name =
    container === null ? functionName(line, indent, parent !== undefined) : (container[2] ?? container[1]);
  if (name === undefined || NOT_A_NAME.has(name)) return undefined;
  const symbol = parent === undefined ? name : `${parent.symbol}.${name}`;
  return { indent, symbol, container: container !== null };
}

function functionName(line: string, indent: number, inContainer: boolean): string | undefined {
  const byKeyword = FUNCTION.exec(line)?.[1];
  if (byKeyword !== undefined) return byKeyword;
  if (inContainer) return METHOD.exec(line)?.[1] ?? PROPERTY_FUNCTION.exec(line)?.[1];
  if (indent > 0) return undefined;
  return BINDING.exec(line)?.[1] ?? ASSIGNMENT.exec(line)?.[1] ?? PLAIN_FUNCTION.exec(line)?.[1];
}

/** The comment, decorators and attributes above a definition belong to it; some styles put a blank line after the comment. */
function withLeadingComments(lines: readonly string[], number: number, floor: number): number {
  let start = number;
  if (BLANK.test(lines[number - 1] ?? '-') && BLOCK_COMMENT_END.test(lines[number - 2] ?? '')) start--;
  while (start - 1 > floor && LEADING.test(lines[start - 1] ?? '')) start--;
  return start;
}

function indentOf(line: string): number {
  let columns = 0;
  for (const character of line) {
    if (character === ' ') columns++;
    else if (character === '\t') columns += 4;
    else break;
  }
  return columns;
}

/** Longer lines are data or minified; it also bounds the cost of the patterns below. */
const LONGEST_HEAD = 400;

const MODIFIERS = String.raw`(?:(?:export|default|declare|public|private|protected|internal|fileprivate|static|abstract|final|sealed|open|override|async|unsafe|extern|inline|virtual|partial|readonly|const|data|inner|suspend|local|pub(?:\([^)]*\))?)\s+)*`;
const CONTAINER = new RegExp(
  String.raw`^\s*${MODIFIERS}(?:class|interface|struct|trait|enum(?:\s+class)?|impl(?:<[^>]*>)?|namespace|module|mod|object|protocol|extension|record|defmodule)\s+([\w$.]+(?:::[\w$]+)*)(?:[^{]*?\sfor\s+([\w$.]+(?:::[\w$]+)*))?(?![\w$]*\s*[=;(]\s*$)`,
);
const CLASS_BINDING = /^(?:export\s+)?(?:const|let|var)\s+([\w$]+)\s*=\s*class\b/;
const FUNCTION = new RegExp(
  String.raw`^\s*${MODIFIERS}(?:function\s*\*?|func|fn|fun|defp?|sub|type|typealias|macro_rules!)\s+(?:\([^)]*\)\s*)?([\w$.?!]+)`,
);
const METHOD = /^\s+(?:[\w<>[\],.?&*:@]+\s+)*\*?([#~]?[\w$]+)\s*(?:<[^>]*>)?\([^;]*[{(,]\s*$/;
const PROPERTY_FUNCTION =
  /^\s+(?:[a-z]+\s+)*(#?[\w$]+)\s*(?::[^=]+)?=\s*(?:async\s*)?(?:\(|function\b|[\w$]+\s*=>)/;
const BINDING = /^(?:export\s+)?(?:declare\s+)?(?:const|let|var|val)\s+([\w$]+)\s*[:=]/;
const ASSIGNMENT = /^(?:module\.)?([\w$]+(?:\.[\w$]+)+)\s*=\s*(?:async\s*)?(?:function\b|class\b|\()/;
/** C, C++ and shell: `int main(void) {`, `static void run(`, `build() {`. */
const PLAIN_FUNCTION =
  /^(?:[A-Za-z_][\w<>:,]*[\s*&]+)*\**([\w~:-]+)\s*\([^;=]*(?:\)\s*(?:const\s*)?\{|\)|,|\{)\s*$/;

const NOT_A_NAME = new Set(
  'if for foreach while switch catch return else do try with using lock super throw new await yield function require describe it test'.split(
    ' ',
  ),
);
const BLANK = /^\s*$/;
const CLOSER =
  /^\s*(?:[)}\]]|end\b|else\b|elif\b|except\b|finally\b|catch\b|rescue\b|ensure\b|#(?!\w)|\/\/|\*|\/\*)/;
const BLOCK_COMMENT_END = /\*\/\s*$/;
const LEADING =
  /^\s*(?:\/\/|\/\*|\*|#(?!\s*(?:include|if|ifdef|ifndef|endif|else)\b)|@|--|;;|\[[A-Z]|template\s*<)/;
