import ts from 'typescript';

/** A definition that its author described, and the source without any doc comment. */
export interface Documented {
  readonly text: string;
  readonly definitions: readonly {
    readonly sentence: string;
    /** In `text`, from 1. */ readonly line: number;
  }[];
}

/**
 * Takes every doc comment out of a source, and gives the first sentence of each that describes a definition, with the
 * line at which that definition then begins. The compiler's own parser is used, so that what is measured does not judge
 * itself.
 */
export function documentedIn(path: string, source: string): Documented {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true);
  const comments = new Map<number, number>();
  const described: { sentence: string; start: number }[] = [];
  const visit = (node: ts.Node): void => {
    for (const range of [
      ...(ts.getLeadingCommentRanges(source, node.pos) ?? []),
      ...(ts.getTrailingCommentRanges(source, node.end) ?? []),
    ])
      if (source.startsWith('/**', range.pos)) comments.set(range.pos, range.end);
    const sentence = isDefinition(node) ? sentenceOf(node) : undefined;
    if (sentence !== undefined) described.push({ sentence, start: node.getStart(file, false) });
    for (const child of node.getChildren(file)) visit(child);
  };
  visit(file);
  const cuts = [...comments].sort(([a], [b]) => a - b).map(([from, to]) => wholeLines(source, from, to));
  return {
    text: without(source, cuts),
    definitions: described.map(({ sentence, start }) => ({
      sentence,
      line: without(source.slice(0, start), cuts).split('\n').length,
    })),
  };
}

/** The comment with the line break after it where nothing else stands on its lines. */
function wholeLines(source: string, from: number, to: number): readonly [number, number] {
  const lineStart = source.lastIndexOf('\n', from - 1) + 1;
  const lineEnd = source.indexOf('\n', to);
  if (lineEnd < 0 || source.slice(lineStart, from).trim() !== '' || source.slice(to, lineEnd).trim() !== '')
    return [from, to];
  return [lineStart, lineEnd + 1];
}

function without(source: string, cuts: readonly (readonly [number, number])[]): string {
  let kept = '';
  let at = 0;
  for (const [from, to] of cuts) {
    if (from >= source.length) break;
    kept += source.slice(at, from);
    at = Math.min(to, source.length);
  }
  return kept + source.slice(at);
}

function sentenceOf(node: ts.Node): string | undefined {
  const comment = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).at(-1);
  // A comment is inherited by what it contains; only what it stands in front of is described by it.
  if (comment?.parent !== node) return undefined;
  const text = ts.getTextOfJSDocComment(comment.comment) ?? '';
  const sentence = /^[\s\S]*?(?:(?<!\b(?:i\.e|e\.g|\d))[.!?](?=\s|$)|\n\s*\n|$)/u
    .exec(text.trim())?.[0]
    .replace(/\s+/gu, ' ')
    .trim();
  return sentence === undefined || sentence.split(' ').length < FEWEST_WORDS || /\bTODO\b/u.test(sentence)
    ? undefined
    : sentence;
}

function isDefinition(node: ts.Node): boolean {
  if (ts.isExpressionStatement(node))
    return ts.isBinaryExpression(node.expression) && holdsCode(node.expression.right);
  if (ts.isVariableStatement(node)) return holdsCode(node.declarationList.declarations[0]?.initializer);
  if (ts.isPropertyAssignment(node) || ts.isPropertyDeclaration(node)) return holdsCode(node.initializer);
  return (
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isAccessor(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node)
  );
}

function holdsCode(value: ts.Expression | undefined): boolean {
  if (value === undefined) return false;
  if (ts.isBinaryExpression(value)) return holdsCode(value.right);
  return ts.isFunctionExpression(value) || ts.isArrowFunction(value) || ts.isClassExpression(value);
}

/** Shorter ones are titles, such as `Module dependencies.` */
const FEWEST_WORDS = 4;
