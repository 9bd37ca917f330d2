import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import * as z from 'zod';

const line = z.object({
  stream: z.string().optional(),
  status: z.string().optional(),
  id: z.string().optional(),
  error: z.string().optional(),
});

/**
 * Follows the progress that an engine streams while it pulls, imports or builds. Errors arrive inside the stream, with
 * status 200 before them: they are thrown here. Without a word for `silenceMs` the stream is given up.
 */
export async function followImageStream(
  source: NodeJS.ReadableStream,
  options: {
    readonly signal: AbortSignal;
    readonly silenceMs: number;
    readonly onProgress: (text: string) => void;
  },
): Promise<void> {
  const stream = source as Readable; // Always an IncomingMessage; the typings name only its oldest interface.
  let timer: NodeJS.Timeout | undefined;
  const watch = () => {
    clearTimeout(timer);
    timer = setTimeout(
      () => stream.destroy(new Error(`no progress for ${options.silenceMs / 1000} s`)),
      options.silenceMs,
    );
  };
  const onAbort = () => stream.destroy(new Error('cancelled'));
  options.signal.addEventListener('abort', onAbort, { once: true });
  let broken: Error | undefined;
  stream.on('error', (error: Error) => (broken = error));
  try {
    watch();
    for await (const text of createInterface({ input: stream })) {
      watch();
      const parsed = parse(text);
      if (parsed?.error) throw new Error(parsed.error.trim());
      const progress = (parsed?.stream ?? parsed?.status ?? '').trim();
      if (progress !== '') options.onProgress(progress);
    }
    options.signal.throwIfAborted();
    if (broken) throw broken;
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', onAbort);
    stream.destroy();
  }
}

function parse(text: string): z.infer<typeof line> | undefined {
  try {
    return line.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // Not every engine writes JSON only; the lines that matter are JSON.
  }
}
