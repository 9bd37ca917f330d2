import { StrataError } from '../base/errors.ts';

export function conversationDamaged(blob: string, cause?: unknown): StrataError {
  return new StrataError(
    'conversation-damaged',
    `The recorded conversation ${blob.slice(0, 12)} cannot be read.`,
    'The rest of the run is still readable. Run the task again to get a new conversation.',
    { cause },
  );
}
