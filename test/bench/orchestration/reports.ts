// What the workers print.
import * as z from 'zod';

const resumed = z.object({
  /** Milliseconds to open the run log. */
  openMs: z.number(),
  /** From asking to resume until the next live step is in the log. */
  startedMs: z.number(),
  /** When the run was asked to resume, milliseconds since 1970. */
  askedAt: z.number(),
});
export type Resumed = z.infer<typeof resumed>;

export function parseResumed(text: string): Resumed {
  return resumed.parse(JSON.parse(text));
}

const replayed = z.object({
  verdict: z.string(),
  steps: z.number(),
  wallMs: z.array(z.number()),
  cpuMs: z.array(z.number()),
  /** How often something tried to reach the network. */
  blocked: z.number(),
});
export type Replayed = z.infer<typeof replayed>;

export function parseReplayed(text: string): Replayed {
  return replayed.parse(JSON.parse(text));
}
