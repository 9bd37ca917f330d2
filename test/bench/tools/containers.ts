import * as z from 'zod';
import type { Engine } from '../../../extension/src/node/docker/index.ts';
import { dockerOf } from '../../support/dockerode.ts';

const mebibyte = 1024 * 1024;

const stats = z.object({
  memory_stats: z.object({
    usage: z.number(),
    stats: z.object({
      total_inactive_file: z.number().optional(),
      inactive_file: z.number().optional(),
    }),
  }),
  cpu_stats: z.object({ cpu_usage: z.object({ total_usage: z.number() }) }),
});

export interface ContainerUse {
  /** Without the cache of files that can be given back at any time, as `docker stats` counts. */
  readonly mebibytes: number;
  readonly cpuMs: number;
}

export async function useOf(engine: Engine, container: string): Promise<ContainerUse> {
  const answer: unknown = await dockerOf(engine)
    .getContainer(container)
    .stats({ stream: false, 'one-shot': true });
  const { memory_stats: memory, cpu_stats: cpu } = stats.parse(answer);
  const cache = memory.stats.total_inactive_file ?? memory.stats.inactive_file ?? 0;
  return {
    mebibytes: (memory.usage - cache) / mebibyte,
    cpuMs: cpu.cpu_usage.total_usage / 1e6,
  };
}

export async function containersOf(engine: Engine, run: string): Promise<readonly string[]> {
  const found = await dockerOf(engine).listContainers({ filters: { label: [`strata.run=${run}`] } });
  return found.map(({ Id }) => Id);
}

/** What `docker run --rm IMAGE node -e 0` asks the engine for: a container of its own for one call. */
export async function runOnce(engine: Engine, image: string): Promise<void> {
  const container = await dockerOf(engine).createContainer({
    Image: image,
    Entrypoint: ['node', '-e', '0'],
    HostConfig: { NetworkMode: 'none' },
  });
  try {
    const ended = container.wait();
    await container.start();
    await ended;
  } finally {
    await container.remove({ force: true });
  }
}
