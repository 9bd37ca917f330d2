import * as z from 'zod';
import { callShape } from '../call-shape.ts';

const hit = z.object({
  path: z.string(),
  startLine: z.number(),
  endLine: z.number(),
  symbol: z.string().exactOptional(),
  text: z.string(),
  score: z.number(),
});

const report = z.object({
  files: z.number(),
  chunks: z.number(),
  changed: z.number(),
  removed: z.number(),
  skipped: z.number(),
  notes: z.array(z.string()).readonly().exactOptional(),
});

export const indexCall = callShape('index', z.object({}), report);

export const searchCall = callShape(
  'search',
  z.object({ query: z.string(), limit: z.number().int().nonnegative() }),
  z.array(hit).readonly(),
);

export const countChunksCall = callShape(
  'count-chunks',
  z.object({}),
  z.object({ chunks: z.number(), files: z.number() }),
);
