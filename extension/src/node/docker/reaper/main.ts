import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from '../connection.ts';
import { listThings, removeThings } from '../leftovers.ts';
import { SshTunnel } from '../ssh-tunnel.ts';
import type { ReaperOrders } from './orders.ts';

// A process of its own that outlives another one by a moment. It reads its orders, waits for the end of its input, which
// comes with the end of the process that started it however that dies, and removes what that one had on the engine.

/** What was asked for before the end may appear shortly after it, so it looks more than once. */
const roundsMs = [0, 150, 250, 400, 500];
/** After this it ends, whatever is left: the next start sweeps. A machine at its limits takes its time to remove things. */
const limitMs = 120_000;
const roundLimitMs = 30_000;
/** An engine that went away with the owner is given this long to come back. */
const enginePatienceMs = 3000;

void main().finally(() => process.exit(0));

async function main(): Promise<void> {
  const orders = await readOrders();
  if (!orders) return;
  const tunnel = 'ssh' in orders.way ? new SshTunnel(orders.way.ssh) : undefined;
  const leave = () => {
    tunnel?.close();
    if (orders.folder !== undefined) rmSync(orders.folder, { recursive: true, force: true });
  };
  setTimeout(() => process.exit(1), limitMs);
  // Another reaper of a process that lives has taken this one's place.
  process.once('SIGTERM', () => {
    leave();
    process.exit(0);
  });
  try {
    await work(orders, tunnel);
  } finally {
    leave();
  }
}

/** All input up to its end; undefined when the owner died before it had said anything. */
async function readOrders(): Promise<ReaperOrders | undefined> {
  let text = '';
  process.stdin.setEncoding('utf8');
  try {
    for await (const piece of process.stdin) text += String(piece);
  } catch {
    // Another way for a pipe to end.
  }
  // Written by the same program, a moment ago.
  return text.includes('\n') ? (JSON.parse(text) as ReaperOrders) : undefined;
}

async function work({ owner, way }: ReaperOrders, tunnel: SshTunnel | undefined): Promise<void> {
  if ('connection' in way) return reap(way.connection, owner);
  await tunnel?.open(AbortSignal.timeout(20_000));
  if (tunnel) await reap({ kind: 'socket', socketPath: tunnel.socketPath }, owner);
}

async function reap(connection: Connection, owner: string): Promise<void> {
  const giveUp = Date.now() + enginePatienceMs;
  for (let round = 0; round < roundsMs.length;) {
    await delay(roundsMs[round]);
    const outcome = await once(connection, owner);
    if (outcome === 'no-engine' && Date.now() > giveUp) return;
    round = outcome === 'nothing' ? round + 1 : 1; // Only rounds in which there was nothing bring it nearer to its end.
  }
}

async function once(connection: Connection, owner: string): Promise<'nothing' | 'something' | 'no-engine'> {
  try {
    const signal = AbortSignal.timeout(roundLimitMs);
    const things = await listThings(connection, signal, owner);
    await removeThings(connection, things, signal);
    return things.length === 0 ? 'nothing' : 'something';
  } catch {
    return 'no-engine'; // Nobody is left to tell.
  }
}
