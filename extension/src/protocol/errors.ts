import { StrataError } from '../base/errors.ts';

export function conversationDamaged(blob: string, cause?: unknown): StrataError {
  return new StrataError(
    'conversation-damaged',
    `The recorded conversation ${blob.slice(0, 12)} cannot be read.`,
    'The rest of the run is still readable. Run the task again to get a new conversation.',
    { cause },
  );
}

export function runTooNew(version: number): StrataError {
  return new StrataError(
    'run-too-new',
    `This run was recorded by a newer Strata (event version ${version}).`,
    'Update Strata to open it. The other runs are not touched.',
  );
}
