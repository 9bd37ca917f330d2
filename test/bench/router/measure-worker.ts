// Measures contenders in one process, call by call in turns, so that what slows the machine down slows all of them down.
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { answerAt, PIECE } from './answer.ts';
import type { Contender, OpenContender } from './contender.ts';

const job = z.object({
  /** Files of contenders by name. */
  contenders: z.record(z.string(), z.string()),
  url: z.string(),
  gateway: z.string(),
  rounds: z.number(),
  /** Rounds before those that count. */
  warmUp: z.number(),
  /** Answers under way at once. */
  parallel: z.number(),
  /** Measures the heap after so many rounds, each time. */
  heapEvery: z.number().optional(),
});

const { contenders, url, gateway, rounds, warmUp, parallel, heapEvery } = job.parse(
  JSON.parse(process.argv[2] ?? ''),
);
const length = answerAt(url).chunks * PIECE.length;
const opened: (readonly [string, Contender])[] = [];
for (const [name, file] of Object.entries(contenders)) {
  const { open } = (await import(pathToFileURL(file).href)) as { readonly open: OpenContender };
  opened.push([name, await open({ url, gateway })]);
}

const times = new Map<string, number[]>(opened.map(([name]) => [name, []]));
const heap: number[] = [];
for (let round = -warmUp; round < rounds; round += 1) {
  // Who comes first changes, since each may leave work for the next.
  const turn = (round + warmUp) % opened.length;
  for (const [name, contender] of [...opened.slice(turn), ...opened.slice(0, turn)]) {
    const started = performance.now();
    const lengths = await Promise.all(Array.from({ length: parallel }, () => contender.complete()));
    const took = performance.now() - started;
    if (lengths.some((one) => one !== length)) throw new Error(`${name} got ${String(lengths)} of ${length}`);
    if (round >= 0) times.get(name)?.push(took);
  }
  if (heapEvery !== undefined && (round + 1) % heapEvery === 0) heap.push(await heapUsed());
}
for (const [, contender] of opened) await contender.close?.();
const found = JSON.stringify({ times: Object.fromEntries(times), heap });
// Connections that are kept alive would hold the process.
process.stdout.write(found, () => process.exit());

/** What is left when everything that can go has gone. */
async function heapUsed(): Promise<number> {
  for (let turn = 0; turn < 3; turn += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return process.memoryUsage().heapUsed;
}
