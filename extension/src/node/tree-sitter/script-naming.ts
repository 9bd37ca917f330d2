import type { Node } from 'web-tree-sitter';
import { shortName, type Naming } from './naming.ts';

/** JavaScript and TypeScript define by binding, too: what a name is given decides whether it is a definition. */

/** At the outermost level every binding counts, inside of something only those that hold code. */
export const byBinding: Naming = (node) => {
  const declarator = node.namedChildren.find(({ type }) => type === 'variable_declarator');
  const value = declarator?.childForFieldName('value')?.type ?? '';
  const counts = OUTERMOST.has(node.parent?.type ?? '') || FUNCTIONS.has(value) || value === 'class';
  return counts ? shortName(declarator?.childForFieldName('name')?.text) : undefined;
};

/** `app.init = function () {}`, `module.exports = {}`, `namespace a {}`, and `describe('a cart', () => {})` of tests. */
export const byStatement: Naming = (node) => {
  const expression = node.namedChild(0);
  if (expression?.type === 'assignment_expression') {
    const value = assigned(expression);
    if (!isDefining(value)) return undefined;
    const left = shortName(expression.childForFieldName('left')?.text);
    // `module.exports = class Cart {}` is called Cart.
    return left === 'module.exports' ? (shortName(value.childForFieldName('name')?.text) ?? left) : left;
  }
  if (expression?.type === 'internal_module') return shortName(expression.childForFieldName('name')?.text);
  return expression?.type === 'call_expression' ? titleOf(expression) : undefined;
};

/** A property is a definition when it holds code. */
export const byProperty: Naming = (node) =>
  FUNCTIONS.has(node.childForFieldName('value')?.type ?? '')
    ? shortName(
        (
          node.childForFieldName('name') ??
          node.childForFieldName('property') ??
          node.childForFieldName('key')
        )?.text,
      )
    : undefined;

/** The class, the object or the namespace that a statement names: its members are definitions. */
export function heldBy(node: Node): Node | undefined {
  const expression = node.type === 'expression_statement' ? node.namedChild(0) : undefined;
  if (expression?.type === 'internal_module') return expression.childForFieldName('body') ?? undefined;
  const declarators = node.namedChildren.filter(({ type }) => type === 'variable_declarator');
  const value =
    expression?.type === 'assignment_expression'
      ? assigned(expression)
      : declarators.length === 1
        ? declarators[0]?.childForFieldName('value')
        : undefined;
  return HOLDERS.has(value?.type ?? '') ? (value ?? undefined) : undefined;
}

/** `a = b = function () {}` is a definition of what stands first. */
function assigned(expression: Node): Node | undefined {
  let value = expression.childForFieldName('right');
  while (value?.type === 'assignment_expression') value = value.childForFieldName('right');
  return value ?? undefined;
}

function titleOf(call: Node): string | undefined {
  const [title, ...others] = call.childForFieldName('arguments')?.namedChildren ?? [];
  if (title === undefined || !TITLES.has(title.type)) return undefined;
  return others.some(({ type }) => FUNCTIONS.has(type)) ? shortName(title.text) : undefined;
}

function isDefining(value: Node | undefined): value is Node {
  return value !== undefined && (FUNCTIONS.has(value.type) || HOLDERS.has(value.type));
}

const FUNCTIONS = new Set(['function_expression', 'arrow_function', 'generator_function']);
const OUTERMOST = new Set(['program', 'export_statement', 'ambient_declaration']);
const HOLDERS = new Set(['class', 'object']);
const TITLES = new Set(['string', 'template_string']);
