import * as z from 'zod';
import type { Usage } from '../../protocol/message.ts';
import type { DataPart } from './parts.ts';

/** The type of a data part by which models tell what they have used; Copilot reads it and sends it, and others follow. */
const USAGE = 'usage';

const written = z.object({
  prompt_tokens: z.number(),
  completion_tokens: z.number(),
  prompt_tokens_details: z.object({ cached_tokens: z.number().optional() }).optional(),
  completion_tokens_details: z.object({ reasoning_tokens: z.number().optional() }).optional(),
});

/** Undefined for any other part, and for one that says nothing that could be read. */
export function readUsage({ mimeType, data }: DataPart): Usage | undefined {
  if (mimeType !== USAGE) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(data));
  } catch {
    // A count that cannot be read is like none: it is estimated.
    return undefined;
  }
  const parsed = written.safeParse(value);
  if (!parsed.success) return undefined;
  const { prompt_tokens, completion_tokens, prompt_tokens_details, completion_tokens_details } = parsed.data;
  const cacheRead = prompt_tokens_details?.cached_tokens;
  const reasoning = completion_tokens_details?.reasoning_tokens;
  return {
    input: prompt_tokens,
    output: completion_tokens,
    ...(cacheRead === undefined ? {} : { cacheRead }),
    ...(reasoning === undefined ? {} : { reasoning }),
  };
}

export function usagePart({ input, output, cacheRead, reasoning }: Usage): DataPart {
  const usage: z.infer<typeof written> & { readonly total_tokens: number } = {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    ...(cacheRead === undefined ? {} : { prompt_tokens_details: { cached_tokens: cacheRead } }),
    ...(reasoning === undefined ? {} : { completion_tokens_details: { reasoning_tokens: reasoning } }),
  };
  return { kind: 'data', mimeType: USAGE, data: new TextEncoder().encode(JSON.stringify(usage)) };
}
