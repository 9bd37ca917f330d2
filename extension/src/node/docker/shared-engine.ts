import type { Endpoint } from './addresses.ts';
import type { Connection } from './connection.ts';
import { Debts } from './debts.ts';
import { EventStream } from './events.ts';
import { Preparations } from './images/preparations.ts';
import type { PreparedImage } from './images/prepared-image.ts';
import type { ThingKind } from './leftovers.ts';
import { ownOwner } from './owner.ts';
import { Reaper } from './reaper/reaper.ts';
import { SshTunnel } from './ssh-tunnel.ts';

/**
 * What a process has once for each engine: the tunnel to it, the stream of its events, and the reaper that cleans up there.
 * The one piece of module-level state outside of the entry files, since the subject of all three is this process: its
 * death is what the reaper waits for, and two finds of the same engine must share them.
 */
const open = new Map<string, SharedEngine>();
/** The last reaper of an engine that was let go of. It may be at work still, or waiting for the engine. */
const parting = new Map<string, Reaper>();

/** Each call is answered by one `release`. `key` says which engine is meant, and how it is reached. */
export function shareEngine(key: string, endpoint: Endpoint): SharedEngine {
  const shared = open.get(key) ?? new SharedEngine(key, endpoint);
  open.set(key, shared);
  shared.retain();
  return shared;
}

export class SharedEngine {
  readonly #key: string;
  readonly #endpoint: Endpoint;
  /** What is being done about its images. */
  readonly preparations = new Preparations<PreparedImage>();
  #users = 0;
  #tunnel: SshTunnel | undefined;
  #opening: Promise<void> | undefined;
  #events: EventStream | undefined;
  #debts: Debts | undefined;
  #reaper: Reaper | undefined;
  #connection: Connection | undefined;
  #kind: 'docker' | 'podman' = 'docker';

  constructor(key: string, endpoint: Endpoint) {
    this.#key = key;
    this.#endpoint = endpoint;
  }

  get tunnel(): SshTunnel | undefined {
    return this.#tunnel;
  }

  /** The socket on this side. Opens the tunnel, also again when its connection was lost. */
  async openTunnel(signal: AbortSignal): Promise<string> {
    if (this.#endpoint.kind !== 'ssh') throw new Error('Only an engine behind ssh has a tunnel.');
    const tunnel = (this.#tunnel ??= new SshTunnel(this.#endpoint));
    this.#opening ??= tunnel.open(signal).finally(() => (this.#opening = undefined));
    await this.#opening;
    return tunnel.socketPath;
  }

  connectedBy(connection: Connection, kind: 'docker' | 'podman'): void {
    this.#connection = connection;
    this.#kind = kind;
    this.#debts?.soon();
  }

  get events(): EventStream {
    return (this.#events ??= new EventStream(this.#connected(), this.#kind));
  }

  /** By id or name; for one that cannot be removed now, or of which nobody knows whether it was made. */
  removeLater(id: string, kind: ThingKind = 'container'): void {
    this.#debts ??= new Debts(this.#connected());
    this.#debts.add({ kind, id });
  }

  /** Sees to it that a process of its own removes what this one has on the engine when it dies, however it dies. */
  guard(): void {
    if (this.#reaper) return;
    this.#reaper = new Reaper({
      owner: ownOwner(),
      ...(this.#endpoint.kind === 'ssh' && this.#tunnel
        ? { way: { ssh: this.#endpoint }, folder: this.#tunnel.folder }
        : { way: { connection: this.#connected() } }),
    });
    // To the one before, what this process makes from now on is what it left. This one sees to that as well.
    parting.get(this.#key)?.replaced();
    parting.delete(this.#key);
  }

  retain(): void {
    this.#users += 1;
  }

  release(): void {
    this.#users -= 1;
    if (this.#users > 0) return;
    open.delete(this.#key);
    this.#events?.close();
    this.#debts?.close();
    this.#reaper?.close();
    if (this.#reaper) parting.set(this.#key, this.#reaper);
    this.#tunnel?.close();
  }

  #connected(): Connection {
    if (!this.#connection) throw new Error('The engine has not answered yet.');
    return this.#connection;
  }
}
