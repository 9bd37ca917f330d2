import * as z from 'zod';
import type { Episode, Recalled } from './episode.ts';

const texts = z.array(z.string()).readonly();
const verdict = z.enum(['up', 'down']);

const episode = {
  run: z.string(),
  at: z.number(),
  agent: z.string(),
  task: z.string(),
  outcome: z.string(),
  answer: z.string(),
  files: texts,
  failures: texts,
  error: z.string().exactOptional(),
  tried: texts.exactOptional(),
  remedies: z
    .array(z.object({ tool: z.string(), failed: z.string(), worked: z.string() }))
    .readonly()
    .exactOptional(),
  facts: texts.exactOptional(),
  failedSteps: texts.exactOptional(),
  changedSteps: texts.exactOptional(),
  recalled: texts.exactOptional(),
  from: z.string().exactOptional(),
  usd: z.number().exactOptional(),
  tokens: z.number().exactOptional(),
  durationMs: z.number().exactOptional(),
  verdict: verdict.exactOptional(),
  changes: z.enum(['applied', 'discarded']).exactOptional(),
  correction: z.string().exactOptional(),
  pinned: z.boolean().exactOptional(),
  seenAt: z.number().exactOptional(),
};

/** As an episode stands in its table and comes from another process. */
export const episodeSchema: z.ZodType<Episode, Episode> = z.object(episode);

const why = z.object({
  words: texts,
  files: texts.exactOptional(),
  verdict: z.enum(['corrected', 'up', 'down', 'applied', 'discarded']).exactOptional(),
  pinned: z.literal(true).exactOptional(),
});

export const recalledSchema: z.ZodType<Recalled, Recalled> = z.union([
  z.object({
    kind: z.literal('note'),
    id: z.string(),
    text: z.string(),
    by: z.enum(['person', 'agent', 'observed']),
    confirmed: z.boolean(),
    score: z.number(),
    why,
  }),
  z.object({
    ...episode,
    kind: z.literal('episode').exactOptional(),
    score: z.number().exactOptional(),
    why: why.exactOptional(),
    alike: z
      .array(
        z.object({
          run: z.string(),
          outcome: z.string(),
          verdict: verdict.exactOptional(),
          correction: z.string().exactOptional(),
        }),
      )
      .readonly()
      .exactOptional(),
  }),
]);
