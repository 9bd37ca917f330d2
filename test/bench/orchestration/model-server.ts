import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod';

const sessionReport = z.object({
  /** All of them, the one that got no answer included. */
  requests: z.number(),
  /** Replies with a tool call. */
  chats: z.number(),
  /** Of those calls, the ones whose result came back. */
  results: z.number(),
  /** Requests without tools. */
  summaries: z.number(),
  /** A request came that gets no answer. */
  held: z.boolean(),
  /** When the first request after that one arrived, milliseconds since 1970. */
  resumedAt: z.number().optional(),
});
export type SessionReport = z.infer<typeof sessionReport>;

export interface SessionOptions {
  /** Tool calls that the model asks for before it answers. */
  readonly steps: number;
  /** The first request for this call gets no answer. */
  readonly holdAt?: number;
}

/** One conversation with the model. */
export interface Session {
  /** For SDKs, with `/v1`. */
  readonly url: string;
  report(): Promise<SessionReport>;
  /** Waits for the request that gets no answer. */
  held(): Promise<SessionReport>;
}

export interface BenchServer {
  session(options: SessionOptions): Promise<Session>;
  close(): void;
}

export async function startBenchServer(): Promise<BenchServer> {
  const file = path.join(import.meta.dirname, 'model-server-process.ts');
  const child = spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, 'line')) as [string];
  const ask = async (at: string, body?: object): Promise<unknown> => {
    const post = body && { method: 'POST', body: JSON.stringify(body) };
    const response = await fetch(`${line}/${at}`, post ?? {});
    return response.json();
  };
  return {
    session: async (options) => {
      const { id } = z.object({ id: z.string() }).parse(await ask('sessions', options));
      const report = async (at: string): Promise<SessionReport> =>
        sessionReport.parse(await ask(`${id}/${at}`));
      return {
        url: `${line}/${id}/v1`,
        report: () => report('report'),
        held: () => report('held'),
      };
    },
    close: () => void child.kill(),
  };
}
