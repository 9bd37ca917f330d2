import { parse, type AnyNode, type Node } from 'acorn';

export const importName = '__import';

interface Change {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Code as the evaluator takes it: see the two functions below. */
export function prepareCode(code: string): string {
  return withImports(objectAsValue(code));
}

/** What stands in braces is a block to the language; who writes `{ a: 1 }` alone means an object. */
function objectAsValue(code: string): string {
  if (!/^\s*\{[^]*\}\s*$/.test(code)) return code;
  const wrapped = `(${code}\n)`;
  try {
    parse(wrapped, { ecmaVersion: 'latest', sourceType: 'module', allowAwaitOutsideFunction: true });
    return wrapped;
  } catch {
    return code; // A block.
  }
}

/**
 * Code in which `import` works: the inspector evaluates scripts, which have no declarations of that kind, and gives their
 * `import()` no loader. Lines stay where they are. What does not parse is returned as it is, for V8 to say why.
 */
function withImports(code: string): string {
  if (!/\bimport\b/.test(code)) return code;
  let program: Node;
  try {
    program = parse(code, { ecmaVersion: 'latest', sourceType: 'module', allowAwaitOutsideFunction: true });
  } catch {
    return code;
  }
  const changes = [...changesIn(program, code)].sort((a, b) => b.start - a.start);
  return changes.reduce(
    (text, { start, end, text: by }) => text.slice(0, start) + by + text.slice(end),
    code,
  );
}

function* changesIn(node: Node, code: string): Generator<Change> {
  if (node.type === 'ImportExpression')
    yield { start: node.start, end: node.start + 'import'.length, text: importName };
  if (node.type === 'ImportDeclaration') {
    yield { start: node.start, end: node.end, text: asStatement(node as ImportDeclaration, code) };
    return;
  }
  for (const value of Object.values(node))
    for (const child of Array.isArray(value) ? value : [value])
      if (isNode(child)) yield* changesIn(child, code);
}

type ImportDeclaration = Extract<AnyNode, { type: 'ImportDeclaration' }>;

function asStatement({ specifiers, source, start, end }: ImportDeclaration, code: string): string {
  const load = `await ${importName}(${source.raw ?? JSON.stringify(source.value)})`;
  const lines = '\n'.repeat(code.slice(start, end).split('\n').length - 1);
  const names = specifiers.flatMap((one) => {
    if (one.type === 'ImportNamespaceSpecifier') return [];
    if (one.type === 'ImportDefaultSpecifier') return [`default: ${one.local.name}`];
    const imported =
      one.imported.type === 'Identifier' ? one.imported.name : JSON.stringify(one.imported.value);
    return [`${imported}: ${one.local.name}`];
  });
  const space = specifiers.find((one) => one.type === 'ImportNamespaceSpecifier');
  const parts = [];
  if (space) parts.push(`const ${space.local.name} = ${load};`);
  if (names.length > 0) parts.push(`const { ${names.join(', ')} } = ${load};`);
  return `${parts.join(' ') || `${load};`}${lines}`;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
