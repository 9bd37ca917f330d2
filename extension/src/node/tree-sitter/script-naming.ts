import type { Node } from 'web-tree-sitter';
import { shortName, type Naming } from './naming.ts';

/** JavaScript and TypeScript define by binding, too: what a name is given decides whether it is a definition. */

export const byBinding: Naming = (node) => {
  const declarator = node.namedChildren.find(({ type }) => type === 'variable_declarator');
  return shortName(declarator?.childForFieldName('name')?.text);
};

/** `app.init = function () {}`, `module.exports = {}`, and `describe('a cart', () => {})` of tests. */
export const byStatement: Naming = (node) => {
  const expression = node.namedChild(0);
  if (expression?.type === 'assignment_expression') {
    const value = assigned(expression);
    return isDefining(value) ? shortName(expression.childForFieldName('left')?.text) : undefined;
  }
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

/** What holds the members of a binding, an assignment, or a test's body. */
export function heldBy(node: Node): Node | undefined {
  if (node.type === 'expression_statement') {
    const expression = node.namedChild(0);
    return expression?.type === 'assignment_expression' ? assigned(expression) : (expression ?? undefined);
  }
  const declarators = node.namedChildren.filter(({ type }) => type === 'variable_declarator');
  return declarators.length === 1 ? (declarators[0]?.childForFieldName('value') ?? undefined) : undefined;
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

function isDefining(value: Node | undefined): boolean {
  return value !== undefined && (FUNCTIONS.has(value.type) || HOLDERS.has(value.type));
}

const FUNCTIONS = new Set(['function_expression', 'arrow_function', 'generator_function']);
const HOLDERS = new Set(['class', 'object']);
const TITLES = new Set(['string', 'template_string']);
