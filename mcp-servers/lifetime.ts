import { PassThrough, type Readable } from 'node:stream';

/** Until then the main thread reads for itself, so that the first answer does not wait for a thread to start. */
const settleMs = 300;
/** How long the main thread may take to end the process by itself once the input has ended. */
const graceMs = 2000;

/**
 * The standard input as a stream, for a process that ends with it. `onEnd` runs when the input has ended or somebody ends
 * the process, and then it exits.
 *
 * Soon after the start a worker thread takes over the reading, because the main thread may be stuck in a loop when the
 * input ends: the worker sees the end all the same, waits two seconds, and kills the process and what it
 * started.
 */
export function endWithInput(onEnd: () => void): Readable {
  const input = new PassThrough();
  const end = () => {
    onEnd();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, end);
  process.stdout.on('error', end);
  for (const event of ['end', 'close', 'error']) {
    process.stdin.on(event, end);
    input.on(event, end);
  }
  process.stdin.on('data', (chunk: Buffer) => input.write(chunk));
  // Node's modules that no start-up snapshot may hold are taken where they are needed, here and in all servers.
  const { Socket } = process.getBuiltinModule('node:net');
  // A pipe or a socket only: a file ends by itself, and on Windows a read that was begun cannot be handed over.
  if (process.stdin instanceof Socket && process.platform !== 'win32')
    setTimeout(() => handOver(process.stdin, input), settleMs);
  return input;
}

function handOver(stdin: Readable, input: PassThrough): void {
  stdin.pause();
  // The handle stops in a tick that `pause` plans, and what it had read by then was passed on already.
  setImmediate(() => {
    const { Worker } = process.getBuiltinModule('node:worker_threads');
    const worker = new Worker(`(${readInWorker.toString()})(${graceMs})`, {
      eval: true,
      env: {},
      resourceLimits: { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16, stackSizeMb: 1 },
    });
    worker.on('message', (chunk: Uint8Array | undefined) => (chunk ? input.write(chunk) : input.end()));
    // Without the worker nobody hears the input any more.
    worker.on('error', () => input.end());
  });
}

/** Runs as the text of a worker, so it sees nothing but its arguments and Node. */
function readInWorker(grace: number): void {
  const { parentPort } = process.getBuiltinModule('node:worker_threads');
  const { Socket: InputSocket } = process.getBuiltinModule('node:net');
  const { readFileSync, readdirSync } = process.getBuiltinModule('node:fs');
  const killAll = () => {
    try {
      const threads = readdirSync('/proc/self/task');
      const children = threads.map((thread) => readFileSync(`/proc/self/task/${thread}/children`, 'utf8'));
      // Programs are started as leaders of their groups.
      for (const child of children.join(' ').match(/\d+/g) ?? []) process.kill(-Number(child), 'SIGKILL');
    } catch {
      // No such list on this system, or a program that has just ended: what is left ends by its own limits.
    }
    process.kill(process.pid, 'SIGKILL');
  };
  const input = new InputSocket({ fd: 0, readable: true, writable: false });
  input.on('data', (chunk: Buffer) => parentPort?.postMessage(chunk));
  input.on('error', () => undefined); // Closed with it, which is what counts.
  input.once('close', () => {
    parentPort?.postMessage(undefined);
    setTimeout(killAll, grace);
  });
}
