import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { StrataError, messageOf } from '../../base/errors.ts';
import {
  memoryClosed,
  memoryStopped,
  memoryTimedOut,
  memoryUnavailable,
  type IndexProgress,
  type SharedPlace,
} from '../../core/memory/index.ts';
import type { AskOptions } from './ask.ts';
import type { CallShape } from './call-shape.ts';
import type { Place } from './handler.ts';
import { PROTOCOL, fromChild, type FromChild, type ToChild } from './messages.ts';

export interface ProcessOptions {
  readonly folder: string;
  readonly storageDir: string;
  readonly childPath: string;
  readonly nativeModule: string | undefined;
  /** Variables that name the proxy for embedders. */
  readonly proxy: Readonly<Record<string, string>>;
  readonly lockWaitMs: number;
  readonly quietMs: number;
  readonly oldVersionsMs: number;
  readonly shared: SharedPlace | undefined;
  readonly startMs: number;
}

export interface Call extends Omit<AskOptions, 'tries'> {
  readonly shape: CallShape;
  readonly body: unknown;
}

export interface ProcessEvents {
  readonly onChanged: () => void;
  readonly onEnd: () => void;
}

/** A memory process that said hello. When it ends, so do the calls under way, with `memory-stopped`. */
export class MemoryProcess {
  readonly #child: ChildProcess;
  readonly #calls = new Map<number, Waiting>();
  #lastId = 0;
  #ended = false;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Forks the process and waits until LanceDB has passed its smoke test there. */
  static async start(
    options: ProcessOptions,
    lifetime: AbortSignal,
    events: ProcessEvents,
  ): Promise<MemoryProcess> {
    const child = fork(options.childPath, [], {
      // V8 takes what the machine has: of 35,000 chunks the process took 554 MB at most, with these and the smaller buffers of
      // `load.ts` 325 MB, for a tenth more CPU time. The second is far above what is ever used.
      execArgv: ['--max-semi-space-size=4', '--max-old-space-size=1024'],
      env: { ...environment(options), ...(options.shared && cloudEnvironment()) },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
    });
    const started = new MemoryProcess(child);
    const errors = lastWords(child);
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(messageOf(error)));
      // Later than `exit`: only then has all of its standard error arrived.
      child.once('close', (code, signal) => resolve(describeEnd(code, signal, errors())));
    });
    const hello = started.#listen(events.onChanged);
    void ended.then((reason) => {
      started.#end(reason);
      events.onEnd();
    });
    child.send({ type: 'hello', protocol: PROTOCOL, ...placeOf(options) } satisfies ToChild, () => undefined);
    const kill = (): void => void child.kill('SIGKILL');
    lifetime.addEventListener('abort', kill);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve('its process did not start in time.'), options.startMs);
    });
    try {
      const problem = await Promise.race([hello, ended, late]);
      if (problem !== undefined) throw memoryUnavailable(problem);
      started.#holdLoop(false);
      return started;
    } catch (error) {
      kill();
      throw error;
    } finally {
      lifetime.removeEventListener('abort', kill);
      clearTimeout(timer);
    }
  }

  async call(call: Call): Promise<unknown> {
    call.signal?.throwIfAborted();
    if (this.#ended) throw memoryStopped('it had ended already.');
    const id = ++this.#lastId;
    const waiting = new Waiting(call, () => this.#child.kill('SIGKILL'));
    this.#calls.set(id, waiting);
    this.#holdLoop(true);
    const cancel = (): void => {
      this.#send({ type: 'cancel', id });
      waiting.reject(call.signal?.reason);
    };
    call.signal?.addEventListener('abort', cancel, { once: true });
    try {
      this.#send({ type: 'request', id, kind: call.shape.kind, body: call.body });
      return await waiting.answer;
    } finally {
      call.signal?.removeEventListener('abort', cancel);
      waiting.clear();
      this.#calls.delete(id);
      if (this.#calls.size === 0) this.#holdLoop(false);
    }
  }

  /** Lets what is being written be finished, for a short while. */
  async close(graceMs: number): Promise<void> {
    for (const waiting of this.#calls.values())
      if (waiting.shape.onClose === 'abort') waiting.reject(memoryClosed());
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#holdLoop(true);
    const exit = once(this.#child, 'exit');
    this.#send({ type: 'close' });
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), graceMs);
    await exit;
    clearTimeout(timer);
  }

  /** Resolves at the hello: with nothing, or with the reason why memory cannot work. */
  #listen(onChanged: () => void): Promise<string | undefined> {
    return new Promise((resolve) => {
      this.#child.on('message', (raw) => {
        const parsed = fromChild.safeParse(raw);
        if (!parsed.success) {
          resolve('its process speaks another version; reload the window.');
          return;
        }
        const message = parsed.data;
        if (message.type === 'hello') {
          const other = 'its process is of another version; reload the window.';
          resolve(message.protocol === PROTOCOL ? message.unavailable : other);
        } else if (message.type === 'changed') onChanged();
        else this.#settle(message);
      });
    });
  }

  #settle(message: Extract<FromChild, { id: number }>): void {
    const waiting = this.#calls.get(message.id);
    if (waiting === undefined) return; // Its caller has given up.
    if (message.type === 'progress') waiting.progress(message);
    else if (message.type === 'result') waiting.resolve(message.value);
    else waiting.reject(new StrataError(message.code, message.message, message.action));
  }

  #end(reason: string): void {
    this.#ended = true;
    for (const waiting of this.#calls.values()) waiting.reject(memoryStopped(reason));
  }

  #send(message: ToChild): void {
    // A message that no longer goes out is answered by the end of the process.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  /** A program that forgot to dispose should still be able to end: only calls under way keep it alive. */
  #holdLoop(hold: boolean): void {
    const { channel, stderr } = this.#child;
    if (hold) this.#child.ref();
    else this.#child.unref();
    if (hold) channel?.ref();
    else channel?.unref();
    if (stderr instanceof Socket) stderr.unref();
  }
}

class Waiting {
  readonly shape: CallShape;
  readonly answer: Promise<unknown>;
  readonly #call: Call;
  readonly #onStuck: () => void;
  readonly #settle: { resolve: (value: unknown) => void; reject: (reason: unknown) => void };
  #timer: NodeJS.Timeout | undefined;

  constructor(call: Call, onStuck: () => void) {
    this.shape = call.shape;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.answer = promise;
    this.#settle = { resolve, reject };
    this.#call = call;
    this.#onStuck = onStuck;
    this.#restart();
  }

  progress(progress: IndexProgress): void {
    this.#restart();
    this.#call.onProgress?.({ done: progress.done, total: progress.total });
  }

  resolve(value: unknown): void {
    this.#settle.resolve(value);
  }

  reject(reason: unknown): void {
    this.#settle.reject(reason);
  }

  clear(): void {
    clearTimeout(this.#timer);
  }

  #restart(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.reject(memoryTimedOut(this.shape.kind, this.#call.limitMs / 1000));
      this.#onStuck();
    }, this.#call.limitMs);
  }
}

function placeOf(options: ProcessOptions): Place {
  const { folder, storageDir, lockWaitMs, quietMs, oldVersionsMs, shared } = options;
  const times = { lockWaitMs, quietMs, oldVersionsMs };
  return { folder, storageDir, ...times, ...(shared === undefined ? {} : { shared }) };
}

/** What the clients of object stores look for: accounts, regions, endpoints, proxies and the certificates to trust. */
function cloudEnvironment(): NodeJS.ProcessEnv {
  const names = /^(?:AWS_|AZURE_|GOOGLE_|GCE_|(?:https?|all|no)_proxy$|SSL_CERT_(?:FILE|DIR)$)/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => names.test(name)));
}

/** Only what a native module needs to load and to find its temporary folder: no keys, no `NODE_OPTIONS` of a debugger. */
function environment({ nativeModule, proxy }: ProcessOptions): NodeJS.ProcessEnv {
  const names = [
    'PATH',
    'Path',
    'HOME',
    'LANG',
    'TMPDIR',
    'TMP',
    'TEMP',
    'SystemRoot',
    'SYSTEMROOT',
    'windir',
    'USERPROFILE',
    'APPDATA',
    'LOCALAPPDATA',
    'LD_LIBRARY_PATH',
  ];
  const kept = names.flatMap((name) =>
    process.env[name] === undefined ? [] : [[name, process.env[name]] as const],
  );
  return {
    ...Object.fromEntries(kept),
    ...proxy,
    ELECTRON_RUN_AS_NODE: '1',
    LANCEDB_LOG: 'error',
    // glibc keeps freed memory in up to eight arenas for each core: indexing took a tenth more of it.
    MALLOC_ARENA_MAX: '2',
    // Read by LanceDB's own loader.
    ...(nativeModule === undefined ? {} : { NAPI_RS_NATIVE_LIBRARY_PATH: nativeModule }),
  };
}

/** The line of standard error that says most about the end of the process. */
function lastWords(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (part: string) => {
    text = `${text}${part}`.slice(-2_000);
  });
  return () => {
    const lines = text.trim().split('\n');
    return lines.find((line) => /error|panic|fatal/i.test(line))?.trim() ?? lines.at(-1) ?? '';
  };
}

function describeEnd(code: number | null, signal: NodeJS.Signals | null, words: string): string {
  const how =
    signal === null ? `its process ended with code ${String(code)}` : `its process was ended by ${signal}`;
  const hint = signal === 'SIGILL' ? '; LanceDB needs a processor with AVX2' : '';
  return words === '' ? `${how}${hint}.` : `${how}${hint}: ${words}`;
}
