import * as z from 'zod';
import type { RecordedRequest } from './chat-request.ts';

export const requestSchema: z.ZodType<RecordedRequest> = z.object({
  route: z.string(),
  conversation: z.string(),
  tools: z.string(),
  toolChoice: z.literal('required').exactOptional(),
  maxOutputTokens: z.number().exactOptional(),
});
