import type { ChildProcess } from 'node:child_process';
import { Duplex } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { OutputCapture } from '../../capture.ts';
import { killGroup } from '../../run.ts';
import { streamer } from '../../streamer.ts';
import { frame, FrameReader, toKernelFrame, type KernelFrame } from './frames.ts';
import { MarkedOutput } from './marked-output.ts';

/** How a kernel is started and how it is asked to stop what it is doing. */
export interface KernelProgram {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly interrupt: 'signal' | 'frame';
}

export interface Cell {
  readonly output: string;
  readonly parts: readonly Exclude<KernelFrame, { readonly type: 'ready' | 'done' }>[];
  readonly end:
    | { readonly kind: 'done'; readonly error?: string }
    | { readonly kind: 'died'; readonly code: number | null; readonly signal: NodeJS.Signals | null };
}

/** How long output may still come in after the kernel has said that the cell is done. */
const drainMs = 500;
const maxParts = 100;

/**
 * One process that runs code and keeps its state. It has pipes of its own: what it prints goes to two of them, and what it
 * reports to a third, so that nothing it does can be taken for the server's answers.
 */
export class Kernel {
  readonly #child: ChildProcess;
  readonly #channel: Duplex;
  readonly #interrupt: KernelProgram['interrupt'];
  #onFrame: ((frame: KernelFrame) => void) | undefined;
  #onOutput: (chunk: Buffer) => void = () => undefined;
  #exit: { readonly code: number | null; readonly signal: NodeJS.Signals | null } | undefined;
  readonly #exited: Promise<void>;
  #strayErrors = new OutputCapture();

  constructor({ program, arguments: args, environment, interrupt }: KernelProgram, directory: string) {
    this.#interrupt = interrupt;
    const { spawn } = process.getBuiltinModule('node:child_process');
    this.#child = spawn(program, args, {
      cwd: directory,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      detached: true,
    });
    const channel = this.#child.stdio[3];
    if (!(channel instanceof Duplex)) throw new Error('The kernel has no channel.');
    this.#channel = channel;
    this.#channel.on('error', () => undefined); // The process has gone, as its exit tells.
    const reader = new FrameReader();
    this.#channel.on('data', (chunk: Buffer) => {
      try {
        for (const value of reader.push(chunk)) this.#onFrame?.(toKernelFrame(value));
      } catch {
        this.kill(); // Its own code wrote over the channel; nothing after that can be understood.
      }
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => this.#onOutput(chunk));
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#strayErrors.push(chunk);
      this.#onOutput(chunk);
    });
    this.#exited = new Promise((resolve) => {
      this.#child.once('error', () => {
        this.#exit = { code: null, signal: null };
        resolve();
      });
      this.#child.once('exit', (code, signal) => {
        this.#exit = { code, signal };
        killGroup(this.#child);
        resolve();
      });
    });
  }

  get alive(): boolean {
    return this.#exit === undefined;
  }

  /** Waits for the first frame. Returns what the process said instead when it does not come. */
  async ready(limitMs: number): Promise<string | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const answered = new Promise<'ready'>((resolve) => (this.#onFrame = () => resolve('ready')));
    const late = new Promise<'late'>((resolve) => (timer = setTimeout(() => resolve('late'), limitMs)));
    const first = await Promise.race([answered, late, this.#exited.then(() => 'exited' as const)]);
    clearTimeout(timer);
    if (first === 'ready') return undefined;
    this.kill();
    return first === 'late' ? 'it did not answer in time' : this.#strayErrors.end().text.trim();
  }

  /** Runs one cell. There is one at a time. */
  async run(code: string, onOutput: (text: string) => void): Promise<Cell> {
    const capture = new OutputCapture();
    const decoder = new StringDecoder('utf8');
    const stream = streamer(onOutput);
    const parts: Cell['parts'][number][] = [];
    const { randomBytes } = process.getBuiltinModule('node:crypto');
    const output = new MarkedOutput(randomBytes(12).toString('hex'), (chunk) => {
      capture.push(chunk);
      stream(decoder.write(chunk));
    });
    this.#onOutput = (chunk) => output.push(chunk);
    const done = new Promise<Cell['end']>((resolve) => {
      this.#onFrame = (frame) => {
        if (frame.type === 'done') resolve({ ...frame, kind: 'done' });
        else if (frame.type !== 'ready' && parts.length < maxParts) parts.push(frame);
      };
    });
    this.#channel.write(frame({ type: 'run', code, marker: output.marker }));
    const died = this.#exited.then((): Cell['end'] => ({
      kind: 'died',
      code: null,
      signal: null,
      ...this.#exit,
    }));
    const end = await Promise.race([done, died]);
    for (let waited = 0; !output.found && waited < drainMs; waited += 10)
      await new Promise((resolve) => setTimeout(resolve, 10));
    this.#onFrame = undefined;
    return { output: capture.end().text, parts, end };
  }

  interrupt(): void {
    if (this.#interrupt === 'frame') this.#channel.write(frame({ type: 'interrupt' }));
    else if (this.#child.pid !== undefined && this.alive) this.#child.kill('SIGINT');
  }

  kill(): void {
    killGroup(this.#child);
  }
}
