import * as z from 'zod';
import { callShape } from '../call-shape.ts';

const kind = z.enum(['code', 'docs', 'notebook', 'config', 'text']);

const place = z.object({ path: z.string(), startLine: z.number(), endLine: z.number() });

const hit = place.extend({
  symbol: z.string().exactOptional(),
  kind: kind.exactOptional(),
  language: z.string().exactOptional(),
  text: z.string(),
  score: z.number(),
  why: z
    .object({
      words: z.array(z.string()).readonly(),
      similarity: z.number().exactOptional(),
      query: z.string().exactOptional(),
    })
    .exactOptional(),
  alike: z.array(place).readonly().exactOptional(),
});

const filter = z.object({
  paths: z.array(z.string()).readonly().exactOptional(),
  languages: z.array(z.string()).readonly().exactOptional(),
  kinds: z.array(kind).readonly().exactOptional(),
  changedSince: z.number().exactOptional(),
});

const report = z.object({
  files: z.number(),
  chunks: z.number(),
  changed: z.number(),
  removed: z.number(),
  skipped: z.number(),
  notes: z.array(z.string()).readonly().exactOptional(),
});

const progress = z.object({ done: z.number(), total: z.number() });
const problem = z.object({ message: z.string(), action: z.string() });

const state = z.object({
  phase: z.enum(['none', 'indexing', 'paused', 'ready', 'unavailable']),
  files: z.number(),
  chunks: z.number(),
  progress: progress.exactOptional(),
  indexedAt: z.number().exactOptional(),
  embedder: z
    .object({
      id: z.string(),
      dimension: z.number().exactOptional(),
      embedded: z.number(),
      total: z.number(),
      loading: progress.exactOptional(),
      problem: problem.exactOptional(),
    })
    .exactOptional(),
  kept: z.enum(['here', 'elsewhere']),
  bytes: z.number(),
  problem: problem.exactOptional(),
});

export const indexCall = callShape('index', z.object({}), report);

export const updateCall = callShape('update', z.object({ paths: z.array(z.string()).readonly() }), report);

export const pauseCall = callShape('pause', z.object({ paused: z.boolean() }), z.null());

export const clearCall = callShape('clear', z.object({}), z.null(), 'finish');

export const stateCall = callShape('state', z.object({}), state);

export const searchCall = callShape(
  'search',
  z.object({
    query: z.string(),
    limit: z.number().int().nonnegative(),
    filter: filter.exactOptional(),
    expansions: z.array(z.string()).readonly().exactOptional(),
  }),
  z.array(hit).readonly(),
);
