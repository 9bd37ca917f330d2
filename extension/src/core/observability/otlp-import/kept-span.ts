import * as z from 'zod';
import type { Json } from '../../../base/json.ts';
import type { IncomingSpan } from './incoming.ts';

const attributes = z
  .array(z.tuple([z.string(), z.custom<Json>((value) => value !== undefined)]))
  .transform((entries) => new Map(entries));

const schema: z.ZodType<IncomingSpan> = z
  .object({
    trace: z.string(),
    id: z.string(),
    parent: z.string().optional(),
    name: z.string(),
    start: z.number(),
    end: z.number().optional(),
    attributes,
    events: z.array(z.object({ name: z.string(), at: z.number(), attributes })),
    failed: z.boolean(),
    message: z.string(),
    service: z.string(),
    scope: z.string(),
  })
  .transform(({ parent, end, ...rest }) => ({ ...rest, parent, end }));

/** A span that waits for others of its trace, as a text. */
export function keptText(span: IncomingSpan): string {
  return JSON.stringify(span, (_, value: unknown) => (value instanceof Map ? [...value] : value));
}

/** Undefined for what is no such text. */
export function readKept(text: string): IncomingSpan | undefined {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    // Written by another version: its trace lacks that span.
    return undefined;
  }
}
