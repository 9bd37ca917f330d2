import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { AsyncDisposable } from '../../../base/disposable.ts';
import { isStrataError, messageOf } from '../../../base/errors.ts';
import { startContainer, type Container } from '../container.ts';
import { engineFailure, type Engine } from '../engine.ts';
import { copyFailed, copyTooLarge } from '../errors.ts';
import { largestBody, readFrames, writeFrame, type Frame } from './frames.ts';
import type { Order } from './orders.ts';
import { isBelow, Placer, type Wanted } from './place.ts';
import { changesBetween, readEntry, readTree, type Entry } from './tree.ts';
import { makeVolume, removeOrOwe } from './volume.ts';

export interface RemoteFolderOptions {
  /** Real path of the run's copy on this machine. */
  readonly folder: string;
  /** `uid:gid` of the tools' containers. */
  readonly user: string;
  readonly labels: Readonly<Record<string, string>>;
  /** From `sandbox/files/`. */
  readonly image: string;
  /** Names at the top of the folder that tools do not change: what they do there is not taken back. */
  readonly guarded?: readonly string[];
  readonly limits?: CopyLimits;
}

export interface CopyLimits {
  /** Of one file. */
  readonly fileBytes: number;
  /** Of what is carried at once. */
  readonly bytes: number;
  readonly entries: number;
}

const mebibyte = 1024 * 1024;
const defaultLimits: CopyLimits = { fileBytes: 512 * mebibyte, bytes: 2048 * mebibyte, entries: 200_000 };

/** A folder of this machine in a volume of an engine on another one. */
export interface RemoteFolder extends AsyncDisposable {
  /** Mounted at `/workspace` in the place of the folder. */
  readonly volume: string;
  /** Before a call: what changed here since the last time goes there. */
  push(signal: AbortSignal): Promise<void>;
  /** After a call that may have written: what changed there comes here. Returns how many entries did. */
  pull(signal: AbortSignal): Promise<number>;
}

/**
 * Makes the volume and starts a small program beside it, as the tools' own user: it says what changed and carries files over
 * its standard streams. The engine's archive calls would do the same as root, while tools run that can swap a folder for a
 * link, a whole folder at a time, and could delete nothing.
 */
export async function remoteFolder(
  engine: Engine,
  options: RemoteFolderOptions,
  signal: AbortSignal,
): Promise<RemoteFolder> {
  const volume = await makeVolume(engine, options, signal);
  const copy = new CopiedFolder(engine, options, volume);
  try {
    await copy.push(signal);
    return copy;
  } catch (error) {
    await copy.dispose();
    throw error;
  }
}

interface Session {
  readonly container: Container;
  readonly answers: AsyncGenerator<Frame, void, undefined>;
}

const wanted = z.object({
  path: z.string(),
  kind: z.enum(['file', 'folder', 'link']),
  mode: z.number().int().min(0).max(0o777),
  size: z.number().int().min(0),
  modified: z.number(),
  target: z.string().exactOptional(),
});
const answer = z.union([
  z.object({ done: z.literal(true) }),
  z.object({ changed: z.array(wanted) }),
  z.object({ removed: z.array(z.string()) }),
  z.object({ file: wanted }),
  z.object({ content: z.literal(true) }),
  z.object({ gone: z.string() }),
  z.object({ failed: z.string() }),
]);

class CopiedFolder implements RemoteFolder {
  readonly volume: string;
  readonly #engine: Engine;
  readonly #options: RemoteFolderOptions;
  readonly #limits: CopyLimits;
  /** What is the same on both sides, as it was here then. */
  #same = new Map<string, Entry>();
  #session: Session | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(engine: Engine, options: RemoteFolderOptions, volume: string) {
    this.#engine = engine;
    this.#options = options;
    this.#limits = options.limits ?? defaultLimits;
    this.volume = volume;
  }

  push(signal: AbortSignal): Promise<void> {
    return this.#inTurn(signal, async (session) => {
      const now = await readTree(this.#options.folder);
      const { changed, removed } = changesBetween(this.#same, now);
      if (changed.length === 0 && removed.length === 0) return;
      this.#check(changed);
      if (removed.length > 0) await this.#order(session, { do: 'remove', paths: removed });
      for (const entry of changed) await this.#send(session, entry);
      await this.#order(session, { do: 'remove', paths: [] }); // Its answer says that all before it is done.
      this.#same = now;
    });
  }

  pull(signal: AbortSignal): Promise<number> {
    return this.#inTurn(signal, async (session) => {
      const changed: Wanted[] = [];
      const removed: string[] = [];
      await this.#order(session, { do: 'scan' }, (said) => {
        if ('changed' in said) changed.push(...said.changed.filter(({ path }) => this.#isTaken(path)));
        if ('removed' in said) removed.push(...said.removed.filter((path) => this.#isTaken(path)));
        if (changed.length + removed.length > this.#limits.entries) this.#check(changed);
      });
      this.#check(changed);
      await this.#take(session, changed, removed);
      return changed.length + removed.length;
    });
  }

  async dispose(): Promise<void> {
    await this.#turn.catch(() => undefined);
    await this.#session?.container.stop();
    this.#session = undefined;
    await removeOrOwe(this.#engine, 'volume', this.volume);
  }

  async #take(session: Session, changed: readonly Wanted[], removed: readonly string[]): Promise<void> {
    const placer = new Placer(this.#options.folder);
    const settle = (path: string) => {
      const entry = readEntry(this.#options.folder, path);
      if (entry) this.#same.set(path, entry);
    };
    try {
      for (const path of removed) {
        placer.remove(path);
        this.#same.delete(path);
      }
      for (const entry of changed) if (entry.kind !== 'file' && placer.begin(entry)) settle(entry.path);
      const paths = changed.filter(({ kind }) => kind === 'file').map(({ path }) => path);
      const asked = new Set(paths);
      let current = '';
      let left = this.#limits.bytes;
      await this.#order(session, { do: 'read', paths }, (said, body) => {
        if ('file' in said) {
          if (!asked.has(said.file.path)) throw new Error(`"${said.file.path}" was not asked for.`);
          this.#check([said.file]);
          current = said.file.path;
          if (placer.begin(said.file)) settle(current);
        } else if ('content' in said) {
          left -= body.length;
          if (left < 0) throw copyTooLarge(current, this.#limits.bytes);
          if (placer.take(body)) settle(current);
        }
      });
    } finally {
      placer.abandon();
    }
  }

  #isTaken(path: string): boolean {
    const top = path.split('/')[0] ?? '';
    return isBelow(path) && !(this.#options.guarded ?? []).includes(top);
  }

  #check(entries: readonly Wanted[]): void {
    if (entries.length > this.#limits.entries) throw copyTooLarge(`${entries.length} files`, undefined);
    let bytes = 0;
    for (const { path, size } of entries) {
      bytes += size;
      if (size > this.#limits.fileBytes) throw copyTooLarge(path, this.#limits.fileBytes);
      if (bytes > this.#limits.bytes) throw copyTooLarge(path, this.#limits.bytes);
    }
  }

  async #send({ container }: Session, { signature: _, ...entry }: Entry): Promise<void> {
    const say = (order: Order, body?: Buffer) => writeFrame(container.input, order, body);
    if (entry.kind !== 'file') return say({ do: 'write', entry });
    const file = openSync(join(this.#options.folder, entry.path), 'r');
    try {
      await say({ do: 'write', entry });
      const piece = Buffer.alloc(largestBody);
      for (let at = 0; at < entry.size;) {
        const read = readSync(file, piece, 0, Math.min(piece.length, entry.size - at), at);
        if (read === 0) throw new Error(`${entry.path} became shorter while it was copied.`);
        await say({ do: 'content' }, piece.subarray(0, read));
        at += read;
      }
    } finally {
      closeSync(file);
    }
  }

  /** Says something, and hands on what is answered until that is done. */
  async #order(
    { container, answers }: Session,
    order: Order,
    take: (said: z.infer<typeof answer>, body: Buffer) => void = () => undefined,
  ): Promise<void> {
    await writeFrame(container.input, order);
    let failure: string | undefined;
    for (;;) {
      const next = await answers.next();
      if (next.done) throw new Error(`The copying program ended (${(await container.ended).kind}).`);
      const said = answer.parse(next.value.head);
      if ('failed' in said) failure ??= said.failed;
      else if ('done' in said) break;
      else take(said, next.value.body);
    }
    if (failure !== undefined) throw new Error(failure);
  }

  /** One after another. Whatever goes wrong ends the program, since what it would say next belongs to nothing. */
  async #inTurn<T>(signal: AbortSignal, work: (session: Session) => Promise<T>): Promise<T> {
    const before = this.#turn;
    const mine = (async () => {
      await before.catch(() => undefined);
      signal.throwIfAborted();
      const session = (this.#session ??= await this.#start(signal));
      const onAbort = () => void session.container.stop();
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        return await work(session);
      } catch (error) {
        this.#session = undefined;
        await session.container.stop();
        signal.throwIfAborted();
        if (isStrataError(error)) throw error;
        throw (await engineFailure(this.#engine)) ?? copyFailed(this.#engine.address, messageOf(error));
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
    })();
    this.#turn = mine;
    return mine;
  }

  /** A new program knows nothing of before: everything is then a change to it, and comes back once. */
  async #start(signal: AbortSignal): Promise<Session> {
    const { folder, user, image, labels } = this.#options;
    const container = await startContainer(
      this.#engine,
      {
        server: 'copy',
        image,
        arguments: [],
        folder: { path: folder, user, volume: this.volume },
        readOnly: false,
        ownInit: true,
        sandbox: {
          files: 'write',
          memoryBytes: 256 * mebibyte,
          cpus: 1,
          processes: 32,
          openFiles: 256,
          temporaryBytes: mebibyte,
        },
        labels,
      },
      signal,
    );
    container.errors.resume();
    return { container, answers: readFrames(container.output) };
  }
}
