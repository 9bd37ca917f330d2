import { Session } from 'node:inspector';
import { Socket } from 'node:net';
import { parentPort } from 'node:worker_threads';
import { setTimeout as delay } from 'node:timers/promises';
import { frame, FrameReader, type KernelFrame } from '../frames.ts';

/** What the watcher tells the thread that runs code. */
export type Order =
  | { readonly type: 'run'; readonly code: string; readonly marker: string }
  | { readonly type: 'ping' | 'abandon' };

/** What that thread answers. */
export type Answer = { readonly type: 'pong' } | KernelFrame;

const pongMs = 250;

/**
 * The kernel's second thread. It holds the channel to the server, because the first one may be in a loop, and can stop that
 * loop: through the inspector, as a debugger does, so that the state is kept.
 */
export function startWatcher(): void {
  const channel = new Socket({ fd: 3, readable: true, writable: true });
  let onPong = (): void => undefined;
  let running = false;
  const isRunning = () => running;

  const isStuck = async () => {
    const late = new AbortController();
    const pong = new Promise<boolean>((resolve) => (onPong = () => resolve(false)));
    tell({ type: 'ping' });
    const stuck = await Promise.race([pong, delay(pongMs, true, { signal: late.signal })]);
    late.abort();
    return stuck;
  };
  const interrupt = async () => {
    // A loop may catch what ends it and begin anew; the server waits only so long.
    while (isRunning()) {
      if (await isStuck()) terminateExecution();
      else if (isRunning()) {
        tell({ type: 'abandon' });
        return;
      }
    }
  };

  const reader = new FrameReader();
  channel.on('data', (chunk: Buffer) => {
    for (const value of reader.push(chunk)) {
      const order = value as Order | { readonly type: 'interrupt' }; // From the server that started this process.
      if (order.type === 'interrupt') {
        void interrupt().catch(() => undefined); // Cut short by the end of the process.
        continue;
      }
      running ||= order.type === 'run';
      tell(order);
    }
  });
  channel.on('error', () => undefined); // Closed with it.
  channel.once('close', () => process.kill(process.pid, 'SIGKILL'));
  parentPort?.on('message', (answer: Answer) => {
    if (answer.type === 'pong') {
      onPong();
      return;
    }
    if (answer.type === 'done') running = false;
    channel.write(frame(answer));
  });
}

function terminateExecution(): void {
  const inspector = new Session();
  inspector.connectToMainThread();
  // A process with a session waits for it when it exits.
  inspector.post('Runtime.terminateExecution', () => inspector.disconnect());
}

function tell(order: Order): void {
  parentPort?.postMessage(order);
}
