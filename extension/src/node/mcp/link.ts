import { LineTransport } from './line-transport.ts';
import type { ProcessEnd, ServerProcess } from './server-process.ts';
import { StdioGuard, type WireGuard } from './wire-guard.ts';

/** One live way to a server, whether that is a process of ours or an address. */
export interface Link {
  readonly guard: WireGuard;
  /** Absent for a server that somebody else runs. */
  readonly process?: ServerProcess;
  /** By what the server is remembered: the id of its image, or its address. */
  readonly key: string | undefined;
  /** How the server ended, if it has, and is ours. */
  endWithin(limitMs: number): Promise<ProcessEnd | undefined>;
  /** Why a call got no answer, in words, as far as this way to the server knows. */
  reason(end: ProcessEnd | undefined, killsBefore: number): string | undefined;
  /** Does not throw. */
  close(): Promise<void>;
}

/** What a link says while it is used. */
export interface LinkListener {
  readonly onStray: (text: string) => void;
}

/** The standard streams of a process. */
export function openProcessLink(process: ServerProcess, { onStray }: LinkListener): Link {
  const transport = new LineTransport(process);
  let refused: string | undefined;
  let closing = false;
  let fellSilent = false;
  process.output.once('end', () => {
    fellSilent = !closing;
  });
  const guard = new StdioGuard(transport, {
    onStray,
    onRefuse: (reason) => {
      refused = reason;
      void transport.close();
      void process.stop();
    },
  });
  return {
    guard,
    process,
    key: process.image,
    endWithin: (limitMs) => endWithin(process, limitMs),
    reason: (end, killsBefore) => {
      const failure = refused ?? transport.failure;
      if (failure !== undefined) return `the server was stopped because ${failure}`;
      return reasonOfEnd(process, { end, killsBefore, fellSilent, errors: transport.errors });
    },
    close: async () => {
      closing = true;
      await transport.close();
      await process.stop();
    },
  };
}

/** How the process ended, when its output has ended and so it will have; a process that still runs is not waited for. */
async function endWithin(process: ServerProcess, limitMs: number): Promise<ProcessEnd | undefined> {
  const limit = process.output.readableEnded || process.output.destroyed ? limitMs : 200;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), limit)));
  return Promise.race([process.ended, late]).finally(() => clearTimeout(timer));
}

function reasonOfEnd(
  process: ServerProcess,
  known: {
    readonly end: ProcessEnd | undefined;
    readonly killsBefore: number;
    readonly fellSilent: boolean;
    readonly errors: string;
  },
): string | undefined {
  const { end, killsBefore } = known;
  const errors = known.errors === '' ? '' : ` (${known.errors.slice(-500)})`;
  switch (end?.kind) {
    case 'exited':
      if (end.signal !== undefined) return `the server was killed by ${end.signal}${errors}`;
      if (end.code === 137 && process.outOfMemoryKills() > killsBefore) {
        return `the server ran out of memory (its limit is ${Math.round((process.memoryLimitBytes ?? 0) / 1024 / 1024)} MiB)`;
      }
      if (end.code === 137) return `the server was killed${errors}`;
      return `the server ended with exit code ${end.code ?? 'unknown'}${errors}`;
    case 'broke-limit':
      return `the server was stopped because ${end.reason}`;
    case 'engine-gone':
      return undefined;
    default:
      // It lived on but talked to nobody any more.
      return known.fellSilent ? `the server closed its output${errors}` : undefined;
  }
}
