import { createResultCache, createTools } from '../../../extension/src/core/tools/index.ts';
import type { CacheStore, ToolCall } from '../../../extension/src/core/tools/index.ts';
import { argumentMistakes, type McpServerFace } from '../../../extension/src/node/mcp/index.ts';
import { atLeast, atMost, inform, median, type Row } from '../support/row.ts';
import { runOnce } from './containers.ts';
import { percentile, timed } from './timing.ts';
import { definitionOf, soon, type ToolsWorld } from './world.ts';

const ROUNDS = 10;
const CALLS = 60;
const WARM_UP = 100;
const RUNS_PER_CALL = 7;

/** A read of a small file: through the container, of the plain child, in turns of sixty calls; and a container for each call. */
export async function callRows(world: ToolsWorld): Promise<Row[]> {
  const contained = world.open(world.inContainer);
  const child = world.open(world.asChild);
  try {
    for (const server of [contained, child]) {
      await server.list(soon());
      for (let i = 0; i < WARM_UP; i += 1) await read(server);
    }
    const times = { contained: [] as number[], child: [] as number[] };
    for (let round = 0; round < ROUNDS; round += 1) {
      for (let i = 0; i < CALLS; i += 1) times.child.push(await timed(() => read(child)));
      for (let i = 0; i < CALLS; i += 1) times.contained.push(await timed(() => read(contained)));
    }
    const perCall: number[] = [];
    for (let i = 0; i < RUNS_PER_CALL; i += 1)
      perCall.push(await timed(() => runOnce(world.engine, world.files.id)));
    const warm = median(times.contained);
    return [
      inform('warm call of the plain child, p50', 'ms', median(times.child)),
      inform('warm call through the container, p50', 'ms', warm),
      inform('the same, p99', 'ms', percentile(times.contained, 0.99)),
      inform('the plain child, p99', 'ms', percentile(times.child, 0.99)),
      atMost(
        'warm call through the container over the plain child, p50',
        '×',
        1.5,
        warm / median(times.child),
      ),
      inform('a container for each call, as docker run', 'ms', median(perCall)),
      atLeast('docker run for each call over a warm call', '×', 300, median(perCall) / warm),
      atMost('cached call, p50', 'ms', 1, await cachedCall(contained)),
    ];
  } finally {
    await Promise.all([contained.dispose(), child.dispose()]);
  }
}

async function read(server: McpServerFace): Promise<void> {
  const result = await server.call('files_read', call());
  if (result.isError) throw new Error('the read failed');
}

function call(): ToolCall {
  return { arguments: { path: 'small.txt' }, signal: soon(), onOutput: () => undefined };
}

/** Through the whole registry: arguments checked, the key made, the answer found. */
async function cachedCall(server: McpServerFace): Promise<number> {
  const kept = new Map<string, NonNullable<ReturnType<CacheStore['get']>>>();
  const store: CacheStore = { get: (key) => kept.get(key), set: (key, value) => void kept.set(key, value) };
  const tools = createTools({
    servers: [server],
    argumentMistakes,
    about: () => ({ definition: definitionOf('files'), image: 'sha256:bench' }),
    cache: createResultCache({ rules: {}, store, now: Date.now }),
    now: Date.now,
  });
  await tools.catalogue(soon(), () => undefined);
  const context = { run: 'r-bench', step: '1', traceparent: '', tree: 'a'.repeat(40) };
  const times: number[] = [];
  for (let i = 0; i < 500; i += 1) {
    const start = performance.now();
    const { use } = await tools.call('files_read', { ...call(), context });
    if (use?.cached) times.push(performance.now() - start);
  }
  if (times.length < 400) throw new Error('hardly any call was answered from the cache');
  return median(times);
}
