import * as z from 'zod';
import { callShape } from '../call-shape.ts';

const episode = z.object({
  run: z.string(),
  at: z.number(),
  agent: z.string(),
  task: z.string(),
  outcome: z.string(),
  answer: z.string(),
  files: z.array(z.string()).readonly(),
  failures: z.array(z.string()).readonly(),
});

export const recallCall = callShape(
  'recall',
  z.object({ query: z.string(), limit: z.number().int().nonnegative() }),
  z.array(episode).readonly(),
);

export const rememberCall = callShape('remember', z.object({ episode }), z.null(), 'finish');

export const countEpisodesCall = callShape('count-episodes', z.object({}), z.number());
