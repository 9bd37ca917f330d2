import type { Readable, Writable } from 'node:stream';
import type { StrataError } from '../../base/errors.ts';
import type { Event } from '../../base/event.ts';
import type { EgressConnection } from '../../protocol/tool-use.ts';

/** Why a server's process ended. */
export type ProcessEnd =
  | { readonly kind: 'exited'; readonly code: number | undefined; readonly signal?: string }
  /** We ended it ourselves. */
  | { readonly kind: 'stopped' }
  /** We ended it because of what it did; the reason continues "the server was stopped because". */
  | { readonly kind: 'broke-limit'; readonly reason: string }
  /** What ran it cannot be reached any more, so nobody knows. */
  | { readonly kind: 'engine-gone'; readonly error: StrataError };

/** One running MCP server, wherever it runs: its standard streams and how it ended. */
export interface ServerProcess {
  readonly input: Writable;
  readonly output: Readable;
  readonly errors: Readable;
  /** Undefined where nothing limits it. */
  readonly memoryLimitBytes: number | undefined;
  /** Id of the image that it runs from, `sha256:…`; absent outside of a container. */
  readonly image?: string;
  /** One sentence for each part of its sandbox that is weaker than it should be, for the person to know. */
  readonly notes?: readonly string[];
  /** Connections of the server that have ended or were refused, where it has a network. */
  readonly onConnection?: Event<EgressConnection>;
  /** Never rejects. Settles soon after `output` has ended, at the latest within a few seconds. */
  readonly ended: Promise<ProcessEnd>;
  /**
   * How often something in it was killed because the memory limit was reached: itself, or a child while it
   * lives on. Up to date when `ended` settles.
   */
  outOfMemoryKills(): number;
  /** Ends it and everything in it. Does not throw; done when it is gone or cannot be reached. */
  stop(): Promise<void>;
}

/** Starts a server by name. Throws a `StrataError` when it cannot be started, or an abort error. */
export type ServerLauncher = (name: string, signal: AbortSignal) => Promise<ServerProcess>;
