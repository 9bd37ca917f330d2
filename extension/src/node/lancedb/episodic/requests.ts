import * as z from 'zod';
import { episodeSchema, recalledSchema } from '../../../core/memory/index.ts';
import { callShape } from '../call-shape.ts';

const limit = z.number().int().nonnegative();

export const recallCall = callShape(
  'recall',
  z.object({ query: z.string(), limit }),
  z.array(recalledSchema).readonly(),
);

export const rememberCall = callShape(
  'remember',
  z.object({ episodes: z.array(episodeSchema).readonly() }),
  z.null(),
  'finish',
);

export const listEpisodesCall = callShape(
  'episodes',
  z.object({
    limit,
    before: z.number().exactOptional(),
    query: z.string().exactOptional(),
    run: z.string().exactOptional(),
  }),
  z.array(episodeSchema).readonly(),
);

export const seenEpisodesCall = callShape(
  'seen-episodes',
  z.object({}),
  z.array(z.object({ run: z.string(), seenAt: z.number() })).readonly(),
);

export const forgetCall = callShape(
  'forget',
  z.object({ runs: z.array(z.string()).readonly() }),
  z.object({ removed: z.number() }),
  'finish',
);

export const countEpisodesCall = callShape('count-episodes', z.object({}), z.number());
