import { setTimeout as delay } from 'node:timers/promises';
import { atMost, median, type Row } from '../support/row.ts';
import { containersOf, useOf } from './containers.ts';
import { RUN, soon, type ToolsWorld } from './world.ts';

const SERVERS = 10;
/** For what is done once after a start: compiling in the background, collecting garbage. */
const SETTLE_MS = 15_000;
const WATCH_MS = 20_000;

/** Ten servers that have answered once and are then left alone. */
export async function idleRows(world: ToolsWorld): Promise<Row[]> {
  const servers = Array.from({ length: SERVERS }, () => world.open(world.inContainer));
  try {
    for (const server of servers) await server.list(soon());
    await delay(SETTLE_MS);
    const containers = await containersOf(world.engine, RUN);
    if (containers.length !== SERVERS) throw new Error(`${containers.length} containers are there`);
    const look = () => Promise.all(containers.map((one) => useOf(world.engine, one)));
    const before = await look();
    await delay(WATCH_MS);
    const after = await look();
    const cpu = after.map(({ cpuMs }, index) => cpuMs - (before[index]?.cpuMs ?? 0));
    const all = after.reduce((sum, { mebibytes }) => sum + mebibytes, 0);
    return [
      atMost('memory of ten idle servers together', 'MiB', 400, all),
      atMost('CPU time of an idle server', 'ms/s', 1, median(cpu) / (WATCH_MS / 1000)),
    ];
  } finally {
    await Promise.all(servers.map((server) => server.dispose()));
  }
}
