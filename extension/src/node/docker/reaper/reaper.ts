import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { ReaperOrders } from './orders.ts';

/** Beside the bundle that this is in; where the sources are run, the source. */
function reaperFile(): string {
  const bundle = join(import.meta.dirname, 'reaper.cjs');
  return existsSync(bundle) ? bundle : join(import.meta.dirname, 'main.ts');
}

/** A reaper that ends this soon is not started again for ever. */
const shortLifeMs = 5000;
const mostShortLives = 5;

/**
 * The reaper of this process on one engine: a process that holds a pipe from this one and removes what this one left on the
 * engine when the pipe closes. One that is killed is replaced. It holds 12 MB of its own, whatever V8 is told about sizes.
 */
export class Reaper {
  readonly #orders: string;
  #child: ChildProcess | undefined;
  #closed = false;
  #shortLives = 0;

  constructor(orders: ReaperOrders) {
    this.#orders = `${JSON.stringify(orders)}\n`;
    this.#start();
  }

  /** Lets it look after what is left, and end. */
  close(): void {
    this.#closed = true;
    this.#child?.stdin?.end();
  }

  /** Ends one that was closed, whatever it was about: another has taken its place. */
  replaced(): void {
    this.#child?.kill('SIGTERM');
  }

  #start(): void {
    const started = performance.now();
    const child = spawn(process.execPath, ['--no-warnings', reaperFile()], {
      // Detached: what ends this process's group must not end it.
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      windowsHide: true,
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '' },
      cwd: '/',
    });
    this.#child = child;
    child.on('error', () => undefined); // It could not be started; the containers still end with their input.
    child.on('exit', () => {
      if (this.#closed) return;
      this.#shortLives = performance.now() - started < shortLifeMs ? this.#shortLives + 1 : 0;
      if (this.#shortLives < mostShortLives) this.#start();
    });
    child.stdin.on('error', () => undefined); // It was killed, which `exit` says.
    child.stdin.write(this.#orders);
    child.unref();
    if (child.stdin instanceof Socket) child.stdin.unref();
  }
}
