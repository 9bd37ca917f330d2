import * as z from 'zod';
import { sharedPlace } from '../../core/memory/index.ts';

/**
 * What the extension host and the memory process say to each other. Both come from one build, so a version that
 * differs means that the bundle on disk was replaced while the window was open. The calls stand in each part's
 * `requests.ts`.
 */
export const PROTOCOL = 4;

export const toChild = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    protocol: z.number(),
    folder: z.string(),
    storageDir: z.string(),
    lockWaitMs: z.number(),
    quietMs: z.number(),
    oldVersionsMs: z.number(),
    shared: sharedPlace.exactOptional(),
  }),
  z.object({ type: z.literal('request'), id: z.number(), kind: z.string(), body: z.unknown() }),
  z.object({ type: z.literal('cancel'), id: z.number() }),
  z.object({ type: z.literal('close') }),
]);

export const fromChild = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello'), protocol: z.number(), unavailable: z.string().exactOptional() }),
  z.object({ type: z.literal('progress'), id: z.number(), done: z.number(), total: z.number() }),
  z.object({ type: z.literal('result'), id: z.number(), value: z.unknown() }),
  z.object({
    type: z.literal('failure'),
    id: z.number(),
    code: z.string(),
    message: z.string(),
    action: z.string(),
  }),
  z.object({ type: z.literal('changed') }),
]);

export type ToChild = z.infer<typeof toChild>;
export type FromChild = z.infer<typeof fromChild>;
