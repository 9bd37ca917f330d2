import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import * as z from 'zod';
import type { Engine } from './engine.ts';
import { untilAnswered } from './until-answered.ts';

const eventSchema = z.object({ Action: z.string(), Actor: z.object({ ID: z.string() }) });

/**
 * Counts the out-of-memory kills of one container. Only the engine's events tell of them: exit code 137 alone may be any
 * kill, and a killed child leaves the server alive.
 */
export class MemoryKills {
  readonly #stream: Readable;
  #count = 0;

  private constructor(stream: Readable) {
    this.#stream = stream;
    const lines = createInterface({ input: stream });
    // It says again what its input says. The container's own end is watched elsewhere; without events it has no reason.
    for (const source of [stream, lines]) source.on('error', () => undefined);
    lines.on('line', (line) => {
      if (isMemoryKill(line)) this.#count += 1;
    });
  }

  static async watch(engine: Engine, container: string, signal: AbortSignal): Promise<MemoryKills> {
    const filters = { type: ['container' as const], container: [container], event: ['oom'] };
    const stream = await untilAnswered({ signal, limitMs: 10_000 }, (abortSignal) =>
      engine.docker.getEvents({ filters, abortSignal }),
    );
    return new MemoryKills(stream as Readable); // An IncomingMessage; the typings name only its oldest interface.
  }

  get count(): number {
    return this.#count;
  }

  dispose(): void {
    this.#stream.destroy();
  }
}

function isMemoryKill(line: string): boolean {
  try {
    return eventSchema.safeParse(JSON.parse(line)).data?.Action === 'oom';
  } catch {
    return false; // Cut off with the connection.
  }
}
