import { createHash } from 'node:crypto';
import type { JsonObject } from '../../base/json.ts';
import { canonicalJson } from '../../base/json.ts';
import type { RunId } from '../../protocol/run-event.ts';
import { cacheLife } from './cache-rules.ts';
import type { CacheRules } from './cache-rules.ts';
import { definitionJson } from './server-definition.ts';
import type { ServerDefinition } from './server-definition.ts';
import { createSharedCalls } from './shared-calls.ts';
import type { Tool, ToolCall, ToolResult } from './tool.ts';

/** An answer of a tool as it is kept: no error, and no secret in it. */
export interface KeptResult {
  readonly content: ToolResult['content'];
  readonly structured?: JsonObject;
  readonly raw?: JsonObject;
  /** When it was answered, in milliseconds since 1970, and for which run. */
  readonly at: number;
  readonly run?: RunId;
}

/** Where answers are kept between runs. It never throws: what cannot be read was not kept. */
export interface CacheStore {
  get(key: string): KeptResult | undefined;
  /** `until` in milliseconds since 1970; without it there is only the room that it takes up. */
  set(key: string, kept: KeptResult, until: number | undefined): void;
}

export interface CacheOptions {
  readonly rules: CacheRules;
  readonly store: CacheStore;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Answers calls that only read from what is known already. */
export interface ResultCache {
  /** Undefined when the call's result can neither be taken from the cache nor kept in it. */
  planFor(tool: Tool, server: CachedServer, call: ToolCall): CachePlan | undefined;
  /** The kept answer, or that of the same call which is under way, or what `live` answers. */
  answer(plan: CachePlan, call: ToolCall, live: (call: ToolCall) => Promise<ToolResult>): Promise<ToolResult>;
}

export interface CachedServer {
  readonly definition: ServerDefinition;
  /** Id of the image that it runs from. */
  readonly image?: string;
}

export interface CachePlan {
  readonly key: string;
  readonly seconds: number | undefined;
  readonly server: string;
  readonly image: string | undefined;
}

/** A larger answer is read once, and would push out hundreds of others. */
const MOST_CHARACTERS = 256 * 1024;

export function createResultCache({ rules, store, now }: CacheOptions): ResultCache {
  const shared = createSharedCalls();
  const use = ({ server, image }: CachePlan): Pick<ToolResult, 'use'> => ({
    use: { server, ...(image === undefined ? {} : { image }), cached: true },
  });
  return {
    planFor: (tool, { definition, image }, { arguments: args, context }) => {
      const life = cacheLife(rules, tool, definition);
      if (!life || (life.byFiles && context?.tree === undefined)) return undefined;
      const files = life.byFiles && context ? filesOf(context) : '';
      const identity = { definition: definitionJson(definition), image, tool: tool.name, args, files };
      const key = createHash('sha256').update(canonicalJson(identity)).digest('hex');
      return { key, seconds: life.seconds, server: definition.name, image };
    },
    answer: async (plan, call, live) => {
      const known = store.get(plan.key);
      if (known) {
        const { at, run, ...answer } = known;
        const where = run === undefined ? '' : ` in run ${run}`;
        call.onNote?.('info', `Cached: the same call${where}, ${ago(now() - at)} ago.`);
        return { ...answer, isError: false, ...use(plan) };
      }
      const { result, own } = await shared.perform(plan.key, call, async (whole) => {
        const answered = await live(whole);
        keep(store, plan, answered, call, now());
        return answered;
      });
      if (own) return result;
      call.onNote?.('info', 'Cached: the same call was under way already.');
      return { ...result, ...use(plan) };
    },
  };
}

function keep(store: CacheStore, plan: CachePlan, result: ToolResult, call: ToolCall, at: number): void {
  if (result.isError) return;
  const { content, structured, raw } = result;
  const size = JSON.stringify([content, structured, raw]).length;
  if (size > MOST_CHARACTERS) return;
  const kept: KeptResult = {
    content,
    ...(structured === undefined ? {} : { structured }),
    ...(raw === undefined ? {} : { raw }),
    at,
    ...(call.context ? { run: call.context.run } : {}),
  };
  store.set(plan.key, kept, plan.seconds === undefined ? undefined : at + plan.seconds * 1000);
}

/** After a call that may have changed ignored files, which no tree holds, only the run itself knows what it reads. */
function filesOf({ tree = '', writes = 0, run }: NonNullable<ToolCall['context']>): string {
  return writes === 0 ? tree : `${tree} ${run} ${writes}`;
}

function ago(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return seconds === 1 ? '1 second' : `${seconds} seconds`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return minutes === 1 ? '1 minute' : `${minutes} minutes`;
  const hours = Math.round(minutes / 60);
  if (hours < 48) return hours === 1 ? '1 hour' : `${hours} hours`;
  return `${Math.round(hours / 24)} days`;
}
