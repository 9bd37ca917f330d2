import { isAbort, isStrataError, messageOf } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import type { ErrorInfo } from '../../protocol/run-event.ts';
import type { ResultCache } from './cache.ts';
import { toolTokens } from './disclosure.ts';
import { performCall } from './perform-call.ts';
import type { RateLimits } from './rate-limits.ts';
import { heldBackText, reviewTools } from './review.ts';
import { tagsOf } from './server-facts.ts';
import type { ServerFacts } from './server-facts.ts';
import type { HeldTool } from './tool-host.ts';
import { distinctName, namedTools } from './tool-names.ts';
import type { Tool, ToolCall, ToolResult, Tools, ToolServer } from './tool.ts';

export interface RegistryOptions {
  /** In the order in which their tools are offered. */
  readonly servers: readonly ToolServer[];
  /** What is wrong with arguments for a schema, in words for the model; undefined when nothing is. */
  readonly argumentMistakes: (schema: JsonObject, args: JsonObject) => string | undefined;
  /** Undefined for a server in process, which is ours. */
  readonly about?: (server: string) => ServerFacts | undefined;
  readonly cache?: ResultCache;
  readonly limits?: RateLimits;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** How a server of the registry has done so far. */
export interface ServerHealth {
  readonly server: string;
  readonly tools: number;
  readonly calls: number;
  /** Calls that got no answer of the tool, for whatever reason. */
  readonly failures: number;
  /** Why it could not be reached the last time. */
  readonly problem?: ErrorInfo;
  /** Milliseconds since 1970. */
  readonly lastUse?: number;
}

export interface ToolRegistry extends Tools {
  /** In the order of the servers. */
  health(): readonly ServerHealth[];
}

/** What a server has listed. */
interface Listing {
  /** Under names that every provider takes; other servers are not looked at. */
  readonly named: ReadonlyMap<string, Tool>;
  readonly heldBack: readonly HeldTool[];
}

interface Entry {
  readonly server: ToolServer;
  listing: Listing | undefined;
  health: ServerHealth;
}

interface Found {
  readonly entry: Entry;
  /** As the server lists it. */
  readonly tool: Tool;
}

/** All servers' tools as one: their catalogue, and calls that are checked before they reach a server. */
export function createTools(options: RegistryOptions): ToolRegistry {
  const { servers, argumentMistakes, about = () => undefined, now = () => 0 } = options;
  const entries: readonly Entry[] = servers.map((server) => ({
    server,
    listing: undefined,
    health: { server: server.name, tools: 0, calls: 0, failures: 0 },
  }));

  const list = async (entry: Entry, signal: AbortSignal): Promise<Listing> => {
    const { server } = entry;
    try {
      const listed = await server.list(signal);
      const facts = about(server.name);
      const { offered, heldBack } = facts
        ? reviewTools(facts.definition, listed, facts.accepted)
        : { offered: listed, heldBack: [] };
      entry.listing = { named: namedTools(offered), heldBack };
      const { problem: _, ...health } = entry.health;
      entry.health = { ...health, tools: offered.length };
      return entry.listing;
    } catch (error) {
      if (!isAbort(error)) entry.health = { ...entry.health, problem: infoOf(error) };
      throw error;
    }
  };

  const call = async (name: string, given: ToolCall): Promise<ToolResult> => {
    const found = await find(entries, name, given, { about, list: (entry) => list(entry, given.signal) });
    if ('missing' in found) return failure(found.missing);
    const { entry, tool } = found;
    const mistakes = argumentMistakes(tool.inputSchema, given.arguments);
    if (mistakes !== undefined) return failure(wrongArguments(name, tool, mistakes));
    const { server } = entry;
    const target = { server, tool: { ...tool, name }, ownName: tool.name, facts: about(server.name) };
    entry.health = { ...entry.health, calls: entry.health.calls + 1, lastUse: now() };
    try {
      return await performCall(options, target, given);
    } catch (error) {
      if (!given.signal.aborted)
        entry.health = { ...entry.health, failures: entry.health.failures + 1, problem: infoOf(error) };
      throw error;
    }
  };

  return {
    catalogue: async (signal) => {
      const results = await Promise.allSettled(entries.map((entry) => list(entry, signal)));
      signal.throwIfAborted();
      const notes = results.flatMap((result, i) =>
        result.status === 'rejected' ? [missing(servers[i]?.name ?? '', result.reason)] : [],
      );
      const { tools, notes: more } = offeredBy(entries, about);
      return { tools, notes: [...notes, ...more] };
    },
    call,
    health: () => entries.map(({ health }) => health),
    dispose: async () => {
      await Promise.all(servers.map((server) => server.dispose()));
    },
  };
}

/** The catalogue of what was listed. Of two tools with one name, the first server's keeps it. */
function offeredBy(
  entries: readonly Entry[],
  about: (server: string) => ServerFacts | undefined,
): { readonly tools: readonly Tool[]; readonly notes: readonly string[] } {
  const offered = new Map<string, Tool>();
  const notes: string[] = [];
  for (const { server, listing } of entries) {
    if (!listing) continue;
    const facts = about(server.name);
    const ours = !facts || facts.definition.origin === 'built-in';
    const named = [...listing.named];
    // A server may answer in any order; its own author chose that of ours.
    if (!ours) named.sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [plain, tool] of named) {
      const name = offered.has(plain) ? distinctName(tool) : plain;
      if (name !== plain)
        notes.push(`Two servers have a tool ${plain}: that of ${server.name} is called ${name} here.`);
      offered.set(name, asOffered(tool, name, facts));
    }
    if (listing.heldBack.length > 0) notes.push(heldBackNote(server.name, listing.heldBack, facts));
  }
  return { tools: [...offered.values()], notes };
}

function asOffered(tool: Tool, name: string, facts: ServerFacts | undefined): Tool {
  const tags = [...new Set([...(tool.tags ?? []), ...(facts ? tagsOf(facts.definition) : [])])];
  const offered = { ...tool, name, ...(tags.length > 0 ? { tags } : {}) };
  const thirdParty = facts && facts.definition.origin !== 'built-in';
  return { ...offered, tokens: toolTokens(offered), ...(thirdParty ? { thirdParty } : {}) };
}

/**
 * Whose tool a name means. In a resumed run the catalogue came from the log, so this may be the first that is heard of the
 * server; it is then asked, and no other one where the caller knows which it is.
 */
async function find(
  entries: readonly Entry[],
  name: string,
  { server }: ToolCall,
  {
    about,
    list,
  }: {
    readonly about: (server: string) => ServerFacts | undefined;
    readonly list: (entry: Entry) => Promise<Listing>;
  },
): Promise<Found | { readonly missing: string }> {
  const among = server === undefined ? entries : entries.filter((entry) => entry.server.name === server);
  const known = foundIn(among, name);
  if (known) return known;
  const unheard = among.filter(({ listing }) => !listing);
  // Nearly every name begins with its server's, so that the others need not start for it.
  const isLikely = (entry: Entry): boolean => name.startsWith(`${entry.server.name}_`);
  const likely = unheard.filter(isLikely);
  for (const entry of likely.length > 0 ? likely.toSorted(byLongestName) : unheard) {
    await list(entry);
    const found = foundIn([entry], name);
    if (found) return found;
  }
  const held = among.flatMap(({ listing }) => listing?.heldBack ?? []).find((one) => one.name === name);
  if (held) return { missing: heldBackText(name, held.reason) };
  for (const { server: one } of among.filter(isLikely)) {
    const lacking = about(one.name)?.lacking;
    if (lacking) throw lacking;
  }
  const names = entries.flatMap(({ listing }) => [...(listing?.named.keys() ?? [])]).join(', ');
  return { missing: `There is no tool "${name}". There are: ${names || 'none'}.` };
}

function byLongestName(a: Entry, b: Entry): number {
  return b.server.name.length - a.server.name.length;
}

function foundIn(entries: readonly Entry[], name: string): Found | undefined {
  for (const entry of entries) {
    const tool = entry.listing?.named.get(name);
    if (tool) return { entry, tool };
  }
  for (const entry of entries)
    for (const tool of entry.listing?.named.values() ?? [])
      if (distinctName(tool) === name) return { entry, tool };
  return undefined;
}

function infoOf(error: unknown): ErrorInfo {
  if (isStrataError(error)) return { code: error.code, message: error.message, action: error.action };
  return { code: 'unexpected', message: messageOf(error) };
}

function missing(server: string, error: unknown): string {
  if (isAbort(error)) throw error;
  const why = isStrataError(error) ? `${error.message} ${error.action}` : messageOf(error);
  return `The tools of ${server} are missing: ${why}`;
}

function heldBackNote(server: string, held: readonly HeldTool[], facts: ServerFacts | undefined): string {
  const which = held.map(({ name, reason }) => `${name}: ${reason}`).join(' ');
  const where = facts?.definition.origin === 'editor' ? 'the Tools view, under' : 'the set-up of';
  return `Not offered until you have looked at ${held.length === 1 ? 'it' : 'them'} in ${where} ${server}: ${which}`;
}

function wrongArguments(name: string, tool: Tool, mistakes: string): string {
  return `The arguments of ${name} are wrong: ${mistakes.slice(0, 1000)}\nThey must fit this schema: ${JSON.stringify(tool.inputSchema)}`;
}

function failure(text: string): ToolResult {
  return { content: [{ type: 'text', text }], isError: true };
}
