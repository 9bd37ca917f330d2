import type { ListToolsResult } from '@modelcontextprotocol/client';
import { isStrataError } from '../../base/errors.ts';
import type { HeldTool } from '../../core/tools/tool-host.ts';
import type { Tool } from '../../core/tools/tool.ts';
import type { Connection } from './connection.ts';
import { serverNotStarted } from './errors.ts';
import { handshakeLimitMs } from './handshake.ts';
import { whyOf } from './open-session.ts';
import { addedTools } from './resource-tools.ts';
import type { Session } from './session.ts';
import { SharedWork } from './shared-work.ts';
import { toTools, type EffectOf, type ListedTool } from './tools.ts';
import type { SchemaChecks } from './validate.ts';

export interface CatalogueOptions {
  readonly name: string;
  readonly effectOf: EffectOf;
  readonly checks: SchemaChecks;
  readonly connection: Connection;
  /** Whether the server says when its tools change. */
  readonly isTold: (session: Session) => boolean;
}

/** A server's tools as it listed them last, asked for again when they may be others. */
export interface Catalogue {
  readonly held: readonly HeldTool[];
  tools(signal: AbortSignal): Promise<readonly Tool[]>;
  get(tool: string): ListedTool | undefined;
  /** Whether a tool is not the server's own, but stands for its resources or prompts. */
  isAdded(tool: string): boolean;
  /** They are others now. */
  forget(): void;
}

const limits = {
  /** A list that is old at once is still good for what is done with it now. */
  shortestMs: 1000,
  longestMs: 24 * 3_600_000,
};

interface Listed {
  readonly tools: readonly Tool[];
  readonly own: ReadonlyMap<string, ListedTool>;
  readonly added: ReadonlySet<string>;
  readonly held: readonly HeldTool[];
  /** By `performance.now()`; undefined where the server says when it changes. */
  readonly until: number | undefined;
  readonly session: Session;
}

export function openCatalogue(options: CatalogueOptions): Catalogue {
  const { connection } = options;
  const fetching = new SharedWork<Listed>();
  let listed: Listed | undefined;
  let stale = false;

  const isGood = (known: Listed): boolean => {
    const { session } = connection;
    // A server that was stopped and is the same image has the same tools.
    const elsewhere = known.session.link.process === undefined;
    if (!session && !elsewhere) return true;
    if (session && session.link.key !== known.session.link.key) return false;
    return !stale && (known.until === undefined || performance.now() < known.until);
  };

  return {
    get held() {
      return listed?.held ?? [];
    },
    tools: async (signal) => {
      if (listed && isGood(listed)) return listed.tools;
      const fetched = await fetching.run(signal, (shared) => {
        stale = false;
        return fetchTools(options, shared);
      });
      listed = fetched;
      return fetched.tools;
    },
    get: (tool) => listed?.own.get(tool),
    isAdded: (tool) => listed?.added.has(tool) === true,
    forget: () => {
      stale = true;
    },
  };
}

async function fetchTools(options: CatalogueOptions, signal: AbortSignal): Promise<Listed> {
  const { connection, name } = options;
  let used: Session | undefined;
  try {
    return await connection.use(signal, async (session) => {
      used = session;
      // The SDK's own cache would hide what is asked for here.
      const result = await session.client.listTools(undefined, {
        signal,
        timeout: handshakeLimitMs,
        cacheMode: 'refresh',
      });
      return listedOf(session, result, options);
    });
  } catch (error) {
    signal.throwIfAborted();
    if (isStrataError(error) || !used) throw error;
    const end = await connection.discard(used);
    if (end?.kind === 'engine-gone') throw end.error;
    throw serverNotStarted(name, `${used.link.reason(end, 0) ?? whyOf(error)}.`, error);
  }
}

function listedOf(session: Session, result: ListToolsResult, options: CatalogueOptions): Listed {
  const { name, effectOf, checks } = options;
  const { listing } = session.link.guard;
  const { tools, held } = toTools(name, result.tools, { effectOf, checks });
  const kept = new Set(result.tools.map((tool) => tool.name));
  const refused = listing.passed
    .filter((tool) => !kept.has(tool.name))
    .map((tool) => ({
      name: tool.name,
      reason: 'What it wants sent as HTTP headers breaks the rules of MCP.',
    }));
  const rest = listing.cut
    ? [{ name: '…', reason: 'The server lists more tools than are taken; the rest was left out.' }]
    : [];
  const own = new Map(tools.map((one) => [one.tool.name, one]));
  const added = addedTools(name, session.client.getServerCapabilities(), new Set(own.keys()));
  return {
    session,
    tools: [...tools.map(({ tool }) => tool), ...added],
    own,
    added: new Set(added.map((tool) => tool.name)),
    held: [...listing.held, ...refused, ...held, ...rest],
    until: options.isTold(session) ? undefined : performance.now() + lifeOf(result),
  };
}

function lifeOf(result: ListToolsResult): number {
  const { ttlMs } = result;
  const wanted = typeof ttlMs === 'number' ? ttlMs : 0;
  return Math.min(limits.longestMs, Math.max(limits.shortestMs, wanted));
}
