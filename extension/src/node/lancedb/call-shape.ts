import type * as z from 'zod';

/** A call from the extension host to the memory process: its name, what is sent, what comes back. */
export interface CallShape<Q extends z.ZodType = z.ZodType, R extends z.ZodType = z.ZodType> {
  readonly kind: string;
  readonly request: Q;
  readonly result: R;
  /** When memory is closed while it is under way: one that a person would miss is finished, anything else given up. */
  readonly onClose: 'finish' | 'abort';
}

export function callShape<Q extends z.ZodType, R extends z.ZodType>(
  kind: string,
  request: Q,
  result: R,
  onClose: 'finish' | 'abort' = 'abort',
): CallShape<Q, R> {
  return { kind, request, result, onClose };
}
