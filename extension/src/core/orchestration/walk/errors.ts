import { StrataError } from '../../../base/errors.ts';

export function notAnExpression(text: string, problem: string): StrataError {
  return new StrataError(
    'expression-invalid',
    `"${text}" cannot be read: ${problem}.`,
    'Write a path such as messages[-1].content or budget.dollars.left; in a condition compare it, as in cost > 0.01.',
  );
}

export function nothingThere(text: string, names: readonly string[]): StrataError {
  return new StrataError(
    'expression-empty',
    `There is no ${text} here.`,
    names.length === 0 ? 'It holds nothing.' : `There is ${names.join(', ')}.`,
  );
}

export function breakpointUnknown(name: string): StrataError {
  return new StrataError(
    'breakpoint-unknown',
    `"${name}" is no breakpoint.`,
    'Give the name of a tool such as files_edit, or tool:…, model:…, agent:…, kind:… or step:…; * stands for anything.',
  );
}
