// Replays a recorded run in a process in which every way to the network throws.
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import * as z from 'zod';
import { replayRun } from '../../../extension/src/core/orchestration/index.ts';
import { openRunStore } from '../../../extension/src/node/sqlite/index.ts';
import type { Replayed } from './reports.ts';

const job = z.object({ log: z.string(), run: z.string(), times: z.number() });
const { log, run, times } = job.parse(JSON.parse(process.argv[2] ?? ''));

let blocked = 0;
const block = (): never => {
  blocked += 1;
  throw new Error('A replay has no network');
};
net.Socket.prototype.connect = block;
globalThis.fetch = block;
http.request = block;
https.request = block;
// A block that blocks nothing would prove nothing.
for (const attempt of [() => net.connect(1), () => fetch('http://127.0.0.1:1')]) {
  const before = blocked;
  try {
    await attempt();
  } catch {
    if (blocked > before) continue;
  }
  throw new Error('The network is not blocked');
}
blocked = 0;

const reports = [];
for (let time = 0; time < times; time += 1) {
  const start = performance.now();
  const cpu = process.cpuUsage();
  const store = openRunStore(log, Date.now);
  const { verdict, steps } = await replayRun(store, run, () => undefined);
  const { user, system } = process.cpuUsage(cpu);
  reports.push({ verdict, steps, wallMs: performance.now() - start, cpuMs: (user + system) / 1000 });
  store.dispose();
}
const found: Replayed = {
  verdict: [...new Set(reports.map(({ verdict }) => verdict))].join(', '),
  steps: reports[0]?.steps ?? 0,
  wallMs: reports.map(({ wallMs }) => wallMs),
  cpuMs: reports.map(({ cpuMs }) => cpuMs),
  blocked,
};
console.log(JSON.stringify(found));
