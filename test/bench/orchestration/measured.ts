// Runs in a worker: one contender, first warmed up, then measured.
import * as z from 'zod';
import { resultOf } from './task.ts';

const job = z.object({
  /** Base URLs of two sessions of the server. */
  warmUpUrl: z.string(),
  url: z.string(),
  warmUpSteps: z.number(),
  steps: z.number(),
  /** An empty folder of the worker's own. */
  folder: z.string(),
  contextTokens: z.number().optional(),
  /** Measures what is kept at every so many tool calls. */
  sizeEvery: z.number().optional(),
});

const measurement = z.object({
  /** CPU when the nth tool call was made, from the start of the loop: user and system, all threads, in milliseconds. */
  cpuAt: z.array(z.number()),
  /** Bytes that are kept at every `sizeEvery`th tool call. */
  sizeAt: z.array(z.number()),
});

export interface Measurement extends z.infer<typeof measurement> {
  /** CPU of the whole loop, in milliseconds. */
  readonly cpuMs: number;
}

const printed = measurement.extend({ cpuMs: z.number() });

export function parseMeasurement(text: string): Measurement {
  return printed.parse(JSON.parse(text));
}

export interface Loop {
  /** Of the server, with `/v1`. */
  readonly url: string;
  readonly steps: number;
  readonly folder: string;
  readonly contextTokens: number | undefined;
  /** The trivial tool. */
  readonly read: (path: string) => string;
}

export interface Contender {
  /** Runs the loop to its end and returns the model's answer. */
  readonly run: () => Promise<string>;
  /** What it keeps, in bytes. */
  readonly size?: () => number;
  readonly close?: () => void;
}

/** `open` makes what a process has once, such as a client or a database; it is not measured. */
export async function measured(open: (loop: Loop) => Contender | Promise<Contender>): Promise<void> {
  const { warmUpUrl, warmUpSteps, sizeEvery, ...given } = job.parse(JSON.parse(process.argv[2] ?? ''));
  const { url, steps, folder, contextTokens } = given;
  const shared = { contextTokens, folder: `${folder}/warm-up` };
  const first = await open({ ...shared, url: warmUpUrl, steps: warmUpSteps, read: resultOf });
  await first.run();
  first.close?.();

  const cpuAt: number[] = [];
  const sizeAt: number[] = [];
  let spentOnSizes = 0;
  let start = process.cpuUsage();
  const cpu = (): number => {
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000 - spentOnSizes;
  };
  const read = (path: string): string => {
    const now = cpu();
    cpuAt.push(now);
    if (contender.size && sizeEvery !== undefined && cpuAt.length % sizeEvery === 0) {
      sizeAt.push(contender.size());
      spentOnSizes += cpu() - now;
    }
    return resultOf(path);
  };
  const contender = await open({ contextTokens, folder: `${folder}/measured`, url, steps, read });
  start = process.cpuUsage();
  const answer = await contender.run();
  const found: Measurement = { cpuMs: cpu(), cpuAt, sizeAt };
  contender.close?.();
  if (answer === '') throw new Error('The loop ended without an answer');
  console.log(JSON.stringify(found));
}
