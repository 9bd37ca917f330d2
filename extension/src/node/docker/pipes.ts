import { execFile } from 'node:child_process';
import { closeSync, constants, openSync, rmSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { PassThrough, pipeline, type Readable, type Writable } from 'node:stream';
import { promisify } from 'node:util';
import { strataHome } from '../home.ts';
import { removeOfDead } from '../remove-of-dead.ts';
import type { Engine } from './engine.ts';
import { mayBeAlive, ownOwner } from './owner.ts';

/** Where a container finds its pipes. The init of our images opens them there; see `images/init.ts`. */
export const pipesPath = '/run/strata';

/**
 * Standard input and output of a container as named pipes, straight from this process to the server's, where both are on one
 * kernel. By way of the engine each message passes through two more programs in each direction, which doubles what a call
 * takes. The names are removed as soon as the server has opened them, so that nothing that it starts can open them again.
 */
export interface Pipes {
  readonly input: Writable;
  readonly output: Readable;
  /** On the host, to be mounted at `pipesPath`. */
  readonly folder: string;
  /** The container has ended or never began. What it wrote can still be read. */
  close(): void;
}

/** Undefined where the engine is not of this kernel, or this machine makes no pipes. */
export async function openPipes(engine: Engine): Promise<Pipes | undefined> {
  if (!engine.sharesKernel) return undefined;
  const home = pipesHome();
  await mkdir(home, { recursive: true, mode: 0o700 });
  // The name tells whose it is, for whoever sweeps; who may enter is up to the folder above.
  const folder = await mkdtemp(join(home, `${ownOwner()}_`));
  try {
    const [inward, outward] = [join(folder, 'in'), join(folder, 'out')];
    // Open to all, since the user inside may be any, and nobody else can enter the folder above. Node cannot make pipes.
    await chmod(folder, 0o755);
    await execute('mkfifo', ['-m', '666', inward, outward]);
    return connect(folder, inward, outward);
  } catch {
    await rm(folder, { recursive: true, force: true });
    return undefined;
  }
}

/** Removes those of owners that were killed while a container started. */
export async function sweepPipes(): Promise<void> {
  await removeOfDead(pipesHome(), mayBeAlive);
}

function pipesHome(): string {
  return join(strataHome(), 'pipes');
}

function connect(folder: string, inward: string, outward: string): Pipes {
  // A pipe can be opened for writing when somebody reads it, and has ended when nobody writes it: until the server has
  // opened its ends, this process holds them too.
  const opened: number[] = [];
  const open = (path: string, mode: number): number => {
    const descriptor = openSync(path, mode | constants.O_NONBLOCK);
    opened.push(descriptor);
    return descriptor;
  };
  const openAll = () => {
    const reader = open(inward, constants.O_RDONLY);
    const input = open(inward, constants.O_WRONLY);
    const output = open(outward, constants.O_RDONLY);
    return { input, output, held: [reader, open(outward, constants.O_WRONLY)] };
  };
  let ends: ReturnType<typeof openAll>;
  try {
    ends = openAll();
  } catch (error) {
    opened.forEach((descriptor) => closeSync(descriptor));
    throw error;
  }
  const input = new Socket({ fd: ends.input, readable: false, writable: true });
  const source = new Socket({ fd: ends.output, readable: true, writable: false });
  const output = new PassThrough();
  input.on('error', () => undefined); // The server does not read any more, which its end tells.
  let isOpen = false;
  const letGo = (): void => {
    if (isOpen) return;
    isOpen = true;
    ends.held.forEach((descriptor) => closeSync(descriptor));
    rmSync(folder, { recursive: true, force: true });
  };
  source.once('data', letGo); // Before anybody reads the message, and so before the server is asked to start anything.
  pipeline(source, output, () => undefined); // Its end, however it comes, is the end of the output.
  return {
    input,
    output,
    folder,
    close: () => {
      letGo();
      input.destroy();
      // A server that lives on without its engine would keep it open.
      setTimeout(() => source.destroy(), lastWordsMs).unref();
    },
  };
}

const lastWordsMs = 1000;
const execute = promisify(execFile);
