import type { Node } from 'web-tree-sitter';

/** What a node is called, or undefined when it defines nothing that is worth a name. */
export type Naming = (node: Node) => string | undefined;

export function byField(field: string): Naming {
  return (node) => shortName(node.childForFieldName(field)?.text);
}

/** Of grammars that have no field for the name. */
export function byChild(type: string): Naming {
  return (node) => shortName(node.namedChildren.find((child) => child.type === type)?.text);
}

/** C and its like wrap the name into declarators: `int *(*run)(void)`. */
export const byDeclarator: Naming = (node) => {
  let inner = node.childForFieldName('declarator');
  while (inner !== null && !DECLARED_NAME.has(inner.type)) {
    const next: Node | null = inner.childForFieldName('declarator') ?? inner.namedChild(0);
    if (next === null || next.id === inner.id) break;
    inner = next;
  }
  return shortName(inner?.text);
};

/** A prototype; a variable is none. */
export const byPrototype: Naming = (node) =>
  holdsFunctionDeclarator(node.childForFieldName('declarator')) ? byDeclarator(node) : undefined;

/** A name is a line; generic arguments are no part of it. */
export function shortName(text: string | undefined): string | undefined {
  const name = text
    ?.replace(/<.*$/su, '')
    .replace(/\s+/gu, ' ')
    .replace(/^["'`]|["'`]$/gu, '')
    .trim();
  return name === undefined || name === '' ? undefined : name.slice(0, LONGEST_NAME);
}

function holdsFunctionDeclarator(node: Node | null): boolean {
  for (let inner = node; inner !== null; inner = inner.childForFieldName('declarator'))
    if (inner.type === 'function_declarator') return true;
  return false;
}

const LONGEST_NAME = 120;
const DECLARED_NAME = new Set([
  'identifier',
  'field_identifier',
  'type_identifier',
  'qualified_identifier',
  'destructor_name',
  'operator_name',
  'operator_cast',
]);
