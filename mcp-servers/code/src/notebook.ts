import { setTimeout as delay } from 'node:timers/promises';
import { text, ToolFailure, type Content } from '../../tool.ts';
import { Kernel, type Cell, type KernelProgram } from './kernel.ts';

export interface CellOptions {
  readonly seconds: number;
  readonly signal: AbortSignal;
  readonly onOutput: (text: string) => void;
}

const startLimitMs = 30_000;
/** How long code may take to stop once it was interrupted. */
const interruptMs = 3000;
const maxImages = 20;
const maxImageCharacters = 8 * 1024 * 1024;

/** One language: its kernel, which is started at the first use and again after it has gone, and its cells in order. */
export class Notebook {
  readonly #language: string;
  readonly #directory: string;
  /** Throws a `ToolFailure` when the language is missing here. */
  readonly #program: () => KernelProgram;
  #kernel: Kernel | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(language: string, directory: string, program: () => KernelProgram) {
    this.#language = language;
    this.#directory = directory;
    this.#program = program;
  }

  /** Runs a cell after those that were asked for before it. */
  run(code: string, options: CellOptions): Promise<Content> {
    const cell = this.#last.then(() => this.#run(code, options));
    this.#last = cell.catch(() => undefined); // Its caller hears of it.
    return cell;
  }

  /** Ends the kernel; whether there was one. */
  reset(): boolean {
    const alive = this.#kernel?.alive === true;
    this.#kernel?.kill();
    this.#kernel = undefined;
    return alive;
  }

  async #run(code: string, { seconds, signal, onOutput }: CellOptions): Promise<Content> {
    signal.throwIfAborted();
    const kernel = await this.#started();
    let cut: 'timed-out' | 'cancelled' | undefined;
    let killed = false;
    const finished = new AbortController();
    const isFinished = () => finished.signal.aborted;
    const cutOff = async (why: typeof cut) => {
      if (cut || isFinished()) return;
      cut = why;
      kernel.interrupt();
      await delay(interruptMs, undefined, { signal: finished.signal }).catch(() => undefined); // It has stopped.
      if (isFinished()) return;
      killed = true;
      kernel.kill();
    };
    const timer = setTimeout(() => void cutOff('timed-out'), seconds * 1000);
    const onAbort = () => void cutOff('cancelled');
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const cell = await kernel.run(code, onOutput);
      const stopped = cut && `${cut === 'cancelled' ? 'Cancelled' : `Stopped after ${seconds} s`}.`;
      return this.#result(cell, { stopped, killed });
    } finally {
      finished.abort();
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      if (!kernel.alive) this.#kernel = undefined;
    }
  }

  async #started(): Promise<Kernel> {
    if (this.#kernel?.alive) return this.#kernel;
    const kernel = new Kernel(this.#program(), this.#directory);
    this.#kernel = kernel;
    const failure = await kernel.ready(startLimitMs);
    if (failure === undefined) return kernel;
    this.#kernel = undefined;
    throw new ToolFailure(`${this.#language} could not be started: ${failure || 'it ended at once'}`);
  }

  #result(
    { output, parts, end }: Cell,
    { stopped, killed }: { readonly stopped: string | undefined; readonly killed: boolean },
  ): Content {
    const content: Content = [];
    if (output !== '') content.push(text(output));
    let images = 0;
    for (const part of parts) {
      if (part.type === 'text') content.push(text(part.text));
      else if (part.data.length > maxImageCharacters)
        content.push(text('[An image is too large to be shown.]'));
      else if ((images += 1) <= maxImages)
        content.push({ type: 'image', mimeType: part.mimeType, data: part.data });
    }
    if (images > maxImages) content.push(text(`[${images - maxImages} more images are not shown.]`));
    const lost = `The state of ${this.#language} is lost; the next call starts anew.`;
    if (end.kind === 'died')
      throw new ToolFailure(
        `${killed ? `${stopped} The code did not stop when it was interrupted, so its process was ended.` : death(end)} ${lost}`,
        content,
      );
    if (end.error !== undefined || stopped)
      throw new ToolFailure(
        [stopped && `${stopped} The state is kept.`, end.error].filter(Boolean).join('\n'),
        content,
      );
    return content.length > 0 ? content : [text('(no output)')];
  }
}

function death({ code, signal }: Extract<Cell['end'], { readonly kind: 'died' }>): string {
  if (signal === 'SIGKILL') return 'The process was killed, most likely because it ran out of memory.';
  if (signal === 'SIGABRT' || code === 134)
    return 'The process aborted, most likely because it ran out of memory.';
  if (signal) return `The process was ended by ${signal}.`;
  return `The process ended with exit code ${code ?? '?'}.`;
}
