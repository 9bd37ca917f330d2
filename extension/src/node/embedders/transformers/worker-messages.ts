import * as z from 'zod';

/** What the thread of a local model is started with. */
export const workerData = z.object({
  runtime: z.string(),
  folder: z.string(),
  names: z.array(z.string()).readonly(),
  weights: z.enum(['q8', 'fp32']),
  pooling: z.enum(['mean', 'cls', 'last_token']),
});
export type WorkerData = z.infer<typeof workerData>;

export const toWorker = z.object({ id: z.number(), texts: z.array(z.string()).readonly() });

export const fromWorker = z.union([
  z.object({ ready: z.literal(true) }),
  z.object({ id: z.number(), numbers: z.instanceof(Float32Array), dimension: z.number().int() }),
  z.object({ id: z.number(), failure: z.string() }),
]);
export type FromWorker = z.infer<typeof fromWorker>;
