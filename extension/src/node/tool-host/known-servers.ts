import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import type { JsonObject } from '../../base/json.ts';
import { fingerprintOf } from '../../core/tools/index.ts';
import type { HeldTool, Tool } from '../../core/tools/index.ts';

const VERSION = 1;

/** What is remembered of a server between processes. */
export interface KnownServer {
  /** SHA-256 of the definition that a person agreed to. */
  readonly agreed?: string;
  /** Id of the image that it was set up with. Nothing else is started. */
  readonly image?: string;
  /** What it is made of, in words. */
  readonly what?: string;
  /** What to write down to get the same again: `name@1.2.3` of a package, `name@sha256:…` of an image. */
  readonly exact?: string;
  /** Fingerprints of the tools as a person has seen them, by their MCP names. */
  readonly accepted?: Readonly<Record<string, string>>;
  readonly heldBack?: readonly HeldTool[];
  /** Milliseconds since 1970. */
  readonly lastUse?: number;
}

/** What a server listed, under what decides it: its image and how it is started. */
export interface KnownListing {
  readonly server: string;
  readonly tools: readonly Tool[];
}

export interface KnownServers {
  server(name: string): KnownServer;
  update(name: string, change: Partial<KnownServer>): void;
  /** A person has looked at these tools as they are now. */
  accept(name: string, tools: readonly Tool[]): void;
  /** Puts back what was known before. */
  restore(name: string, before: KnownServer): void;
  forget(name: string): void;
  listing(key: string): readonly Tool[] | undefined;
  /** Of the server, under any key that begins so. */
  newestListing(name: string, keyStart: string): readonly Tool[];
  /** Of a server, the newest listings are kept: one for each way in which it is started. */
  keepListing(key: string, listing: KnownListing): void;
}

const LISTINGS_PER_SERVER = 4;

const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), z.json());
const tool: z.ZodType<Tool> = z.object({
  name: z.string(),
  server: z.string(),
  title: z.string().exactOptional(),
  description: z.string(),
  inputSchema: jsonObject,
  outputSchema: jsonObject.exactOptional(),
  effect: z.enum(['read', 'contained', 'change']),
  annotations: z
    .object({
      readOnlyHint: z.boolean().exactOptional(),
      destructiveHint: z.boolean().exactOptional(),
      idempotentHint: z.boolean().exactOptional(),
      openWorldHint: z.boolean().exactOptional(),
    })
    .exactOptional(),
  tags: z.array(z.string()).exactOptional(),
});

const schema = z.object({
  version: z.literal(VERSION),
  servers: z.record(
    z.string(),
    z.object({
      agreed: z.string().exactOptional(),
      image: z.string().exactOptional(),
      what: z.string().exactOptional(),
      exact: z.string().exactOptional(),
      accepted: z.record(z.string(), z.string()).exactOptional(),
      heldBack: z
        .array(z.object({ name: z.string(), reason: z.string(), description: z.string().exactOptional() }))
        .readonly()
        .exactOptional(),
      lastUse: z.number().exactOptional(),
    }),
  ),
  listings: z.record(z.string(), z.object({ server: z.string(), tools: z.array(tool) })),
});
type Content = z.infer<typeof schema>;

/** Another for each file that took its place: it is never written in place. */
function stampOf(file: string): string {
  const { ino, mtimeNs, size } = statSync(file, { bigint: true });
  return `${ino} ${mtimeNs} ${size}`;
}

/**
 * A small file beside the run log. It is looked at every time, since other windows and terminals write it too. One that is
 * damaged counts as empty: servers are then set up again, and nothing is started that a person has not agreed to.
 */
export function openKnownServers(file: string): KnownServers {
  let seen: { readonly stamp: string; readonly content: Content } | undefined;
  const read = (): Content => {
    try {
      const stamp = stampOf(file);
      if (seen?.stamp !== stamp)
        seen = { stamp, content: schema.parse(JSON.parse(readFileSync(file, 'utf8'))) };
      return seen.content;
    } catch {
      return { version: VERSION, servers: {}, listings: {} };
    }
  };
  const write = (content: Content): void => {
    mkdirSync(path.dirname(file), { recursive: true });
    const fresh = `${file}.${process.pid}`;
    writeFileSync(fresh, JSON.stringify(content), { mode: 0o600 });
    renameSync(fresh, file);
  };
  const update: KnownServers['update'] = (name, change) => {
    const content = read();
    write({ ...content, servers: { ...content.servers, [name]: { ...content.servers[name], ...change } } });
  };
  return {
    server: (name) => read().servers[name] ?? {},
    update,
    accept: (name, tools) => {
      const { accepted, heldBack } = read().servers[name] ?? {};
      const now = Object.fromEntries(tools.map((tool) => [tool.name, fingerprintOf(tool)]));
      const held = heldBack?.filter((one) => !tools.some((tool) => tool.name === one.name));
      update(name, { accepted: { ...accepted, ...now }, ...(held ? { heldBack: held } : {}) });
    },
    restore: (name, before) => {
      const content = read();
      write({ ...content, servers: { ...content.servers, [name]: { ...before } } });
    },
    forget: (name) => {
      const content = read();
      const servers = Object.fromEntries(Object.entries(content.servers).filter(([one]) => one !== name));
      const listings = Object.fromEntries(
        Object.entries(content.listings).filter(([, { server }]) => server !== name),
      );
      write({ ...content, servers, listings });
    },
    listing: (key) => read().listings[key]?.tools,
    newestListing: (name, keyStart) =>
      Object.entries(read().listings)
        .filter(([key, { server }]) => server === name && key.startsWith(keyStart))
        .at(-1)?.[1].tools ?? [],
    keepListing: (key, { server, tools }) => {
      const content = read();
      const before = content.listings[key];
      if (before?.server === server && isDeepStrictEqual(before.tools, tools)) return;
      const listings = Object.entries(content.listings).filter(([one]) => one !== key);
      const old = listings.filter(([, one]) => one.server === server);
      const dropped = new Set(
        old.slice(0, Math.max(0, old.length - LISTINGS_PER_SERVER + 1)).map(([one]) => one),
      );
      const kept = Object.fromEntries(listings.filter(([one]) => !dropped.has(one)));
      write({ ...content, listings: { ...kept, [key]: { server, tools: [...tools] } } });
    },
  };
}
