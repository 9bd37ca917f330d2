import type { RunStore } from '../../../extension/src/node/sqlite/index.ts';
import type { RunEvent, RunEventBody } from '../../../extension/src/protocol/run-event.ts';

const AGENTS = ['coder', 'reviewer', 'researcher', 'writer', 'planner', 'tester'];
const ROUTES = ['code', 'fast', 'review', 'auto'];
const MODELS = ['claude-sonnet-4-5', 'claude-haiku-4-5', 'gpt-5', 'gpt-5-mini', 'qwen3:30b'];
const TOOLS = ['files_read', 'files_edit', 'shell_run', 'web_fetch', 'git_diff', 'memory_search', 'code_run'];
const HASH = 'e'.repeat(64);

/** A chance that is the same each time. */
export function chances(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Runs of three model calls and two tool calls each, one every `everyMs`, of which one in ten fails. */
export function keepManyRuns(store: RunStore, count: number, start: number, everyMs: number): void {
  const chance = chances(1);
  const pick = (from: readonly string[]): string => from[Math.floor(chance() * from.length)] ?? '';
  for (let number = 0; number < count; number += 1) {
    const id = `r-${number.toString(36).padStart(16, '0')}`;
    store.importRun({ events: eventsOf(id, start + number * everyMs, { chance, pick }), blobs: new Map() });
  }
}

interface Chances {
  readonly chance: () => number;
  readonly pick: (from: readonly string[]) => string;
}

function eventsOf(run: string, start: number, { chance, pick }: Chances): RunEvent[] {
  const route = pick(ROUTES);
  const failed = chance() < 0.1;
  const events: RunEvent[] = [];
  let at = start;
  const add = (body: RunEventBody, ms = 0): void => {
    at += ms;
    events.push({ v: 4, run, seq: events.length + 1, at, ...body });
  };
  add({
    ...{ type: 'run.started', origin: { kind: 'user' }, agent: pick(AGENTS), task: `Task of ${run}` },
    ...{ folder: '/w', route, isolation: 'copy', input: { inline: 1 }, strata: 'bench' },
  });
  for (let step = 1; step <= 5; step += 1) {
    const isChat = step % 2 === 1;
    const [id, durationMs] = [String(step), Math.floor(200 + chance() ** 3 * 20_000)];
    const kind = isChat ? 'chat' : 'tool';
    const [name, input] = [isChat ? route : pick(TOOLS), { inline: step }];
    add(
      { type: 'step.started', step: id, kind, name, effect: 'read', inputHash: HASH, input, attempt: 1 },
      5,
    );
    const output = { inline: step };
    if (isChat) {
      const tokens = Math.floor(chance() * 20_000);
      const usage = {
        input: tokens,
        output: Math.floor(chance() * 900),
        cacheRead: Math.floor(tokens * chance()),
      };
      const cost = { kind: 'priced', usd: tokens * 3e-6 } as const;
      const model = { provider: 'bench', model: pick(MODELS), usage, cost, firstTokenMs: durationMs >> 2 };
      add({ type: 'step.finished', step: id, output, durationMs, model }, durationMs);
    } else {
      const tool = { server: name.slice(0, name.indexOf('_')) };
      const isError = chance() < 0.05 ? { isError: true } : {};
      add({ type: 'step.finished', step: id, output, durationMs, tool, ...isError }, durationMs);
    }
  }
  add({ type: 'run.finished', outcome: failed ? 'failed' : 'succeeded' }, 5);
  return events;
}
