import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import * as z from 'zod';

const lineSchema = z.object({
  stream: z.string().optional(),
  status: z.string().optional(),
  id: z.string().optional(),
  error: z.string().optional(),
  progressDetail: z.object({ current: z.number().optional(), total: z.number().optional() }).nullish(),
});

/** One message of an engine that pulls, imports or builds. */
export interface StreamLine {
  /** What was said: the output of a build, or the status of a layer. */
  readonly text: string;
  /** Of the layer that `text` is about. */
  readonly layer?: string;
  /** Bytes of that layer, out of how many. */
  readonly current?: number;
  readonly total?: number;
}

/**
 * Follows the progress that an engine streams while it pulls, imports or builds. Errors arrive inside the stream, with
 * status 200 before them: they are thrown here. Without a word for `silenceMs` the stream is given up.
 */
export async function followImageStream(
  source: NodeJS.ReadableStream,
  options: {
    readonly signal: AbortSignal;
    readonly silenceMs: number;
    readonly onLine?: (line: StreamLine) => void;
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
    options.signal.throwIfAborted();
    watch();
    for await (const text of createInterface({ input: stream })) {
      watch();
      const parsed = parse(text);
      if (!parsed) continue;
      if (parsed.error !== undefined) throw new Error(parsed.error.trim());
      options.onLine?.(toLine(parsed));
    }
    options.signal.throwIfAborted();
    if (broken) throw broken;
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', onAbort);
    stream.destroy();
  }
}

function toLine({ stream, status, id, progressDetail }: z.infer<typeof lineSchema>): StreamLine {
  const { current, total } = progressDetail ?? {};
  return {
    text: (stream ?? status ?? '').trim(),
    ...(id === undefined ? {} : { layer: id }),
    ...(current === undefined ? {} : { current }),
    ...(total === undefined ? {} : { total }),
  };
}

function parse(text: string): z.infer<typeof lineSchema> | undefined {
  try {
    return lineSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // Not every engine writes JSON only; the lines that matter are JSON.
  }
}
