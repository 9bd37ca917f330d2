import { StrataError } from '../../../base/errors.ts';

/** `line` from 1. */
export function workflowFileInvalid(path: string, line: number, problem: string): StrataError {
  return new StrataError(
    'workflow-invalid',
    `${path}:${line}: ${problem}`,
    'Correct the workflow file and run again.',
  );
}

export function nodeStuck(
  node: string,
  result: { readonly outcome: string; readonly answer: string } | undefined,
): StrataError {
  if (result?.outcome === 'failed') {
    return new StrataError(
      'node-failed',
      `Node ${node} of the workflow failed: ${result.answer}`,
      `Look at its steps in the trace, or give the workflow an edge from ${node} for when it fails.`,
    );
  }
  return new StrataError(
    'workflow-stuck',
    `No edge that leaves node ${node} holds, so the workflow cannot go on.`,
    `Give it an edge from ${node} without a condition, or a higher limit.`,
  );
}
