import * as z from 'zod';

/**
 * What the extension host and the memory process say to each other. Both come from one build, so a version that
 * differs means that the bundle on disk was replaced while the window was open.
 */
export const PROTOCOL = 1;

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

const hit = z.object({
  path: z.string(),
  startLine: z.number(),
  endLine: z.number(),
  symbol: z.string().exactOptional(),
  text: z.string(),
  score: z.number(),
});

const lookup = { query: z.string(), limit: z.number().int().nonnegative() };

const request = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('index') }),
  z.object({ kind: z.literal('search'), ...lookup }),
  z.object({ kind: z.literal('recall'), ...lookup }),
  z.object({ kind: z.literal('remember'), episode }),
  z.object({ kind: z.literal('stats') }),
]);

export const toChild = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    protocol: z.number(),
    folder: z.string(),
    storageDir: z.string(),
    lockWaitMs: z.number(),
  }),
  z.object({ type: z.literal('request'), id: z.number(), request }),
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
]);

export const results = {
  index: z.object({
    files: z.number(),
    chunks: z.number(),
    changed: z.number(),
    removed: z.number(),
    skipped: z.number(),
    notes: z.array(z.string()).readonly().exactOptional(),
  }),
  search: z.array(hit).readonly(),
  recall: z.array(episode).readonly(),
  remember: z.null(),
  stats: z.object({ chunks: z.number(), files: z.number(), episodes: z.number() }),
};

export type Request = z.infer<typeof request>;
export type ToChild = z.infer<typeof toChild>;
export type FromChild = z.infer<typeof fromChild>;
