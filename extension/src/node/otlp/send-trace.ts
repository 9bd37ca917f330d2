import { messageOf } from '../../base/errors.ts';
import {
  bodyFor,
  fillHeaders,
  halves,
  inPieces,
  readReply,
  shapeFor,
  spansIn,
} from '../../core/observability/otlp-export/index.ts';
import type { Destination, FindSecret, Reply } from '../../core/observability/otlp-export/index.ts';
import { CONTENT_NAMES } from '../../core/observability/genai-names.ts';
import { createRedaction } from '../../core/tools/index.ts';
import type { TracesData } from '../../core/observability/index.ts';
import { withSpans } from '../../core/observability/otlp-export/span-attributes.ts';
import { post } from './post.ts';

export interface SendPorts {
  readonly secret: FindSecret;
  /** All that this process knows and that must never leave. */
  readonly secrets: () => Promise<ReadonlyMap<string, string>>;
  readonly now: () => number;
}

/** What became of a trace. */
export type Sent =
  | { readonly kind: 'done'; readonly notes: readonly string[] }
  | { readonly kind: 'later'; readonly afterMs: number | undefined; readonly message: string }
  /** A person has to put it right. */
  | { readonly kind: 'set-up'; readonly message: string };

/**
 * Sends a trace in pieces, from piece `sent` on; `onSent` says how many have arrived. What the server will never take is left
 * out with a note, since waiting changes nothing. Rejects when `signal` aborts.
 */
export async function sendTrace(
  destination: Destination,
  traces: TracesData,
  ports: SendPorts,
  progress: {
    readonly sent: number;
    readonly onSent: (pieces: number) => void;
    readonly signal: AbortSignal;
  },
): Promise<Sent> {
  const filled = await fillHeaders(destination.headers, destination.url, ports.secret);
  const redaction = createRedaction(new Map([...(await ports.secrets()), ...filled.secrets]));
  const { traces: shaped, tooOld } = shapeFor(destination, traces, ports.now());
  const notes = tooOld > 0 ? [`${spans(tooOld)} too old for Azure Monitor were left out`] : [];
  let gzip = true;

  const request = async (piece: TracesData): Promise<Reply> => {
    // Text by text: in the text of the whole, what is JSON within JSON would be escaped twice.
    const clean = JSON.parse(JSON.stringify(piece), (_, value: unknown) =>
      typeof value === 'string' ? redaction.text(value) : value,
    ) as TracesData;
    const { url, protocol } = destination;
    try {
      const body = bodyFor(protocol, clean);
      const reply = await post({ url, headers: filled.headers, gzip, ...body }, progress.signal);
      return readReply(reply, ports.now());
    } catch (error) {
      progress.signal.throwIfAborted();
      return { kind: 'later', afterMs: undefined, message: unreachable(error) };
    }
  };

  /** Undefined when it is dealt with. */
  const deliver = async (piece: TracesData): Promise<Exclude<Sent, { kind: 'done' }> | undefined> => {
    const reply = await request(piece);
    switch (reply.kind) {
      case 'accepted':
        if (reply.rejected > 0)
          notes.push(`${spans(reply.rejected)} were rejected${reply.message && `: ${reply.message}`}`);
        return undefined;
      case 'later':
      case 'set-up':
        return reply;
      case 'refused':
        notes.push(`${spans(spansIn(piece).length)} were refused: ${reply.message}`);
        return undefined;
      case 'not-zipped':
        if (!gzip) return { kind: 'set-up', message: `it takes no ${destination.protocol}` };
        gzip = false;
        return deliver(piece);
      case 'too-large':
        return deliverSmaller(piece);
    }
  };
  const deliverSmaller = async (piece: TracesData): ReturnType<typeof deliver> => {
    const parts = halves(piece);
    if (parts) return (await deliver(parts[0])) ?? (await deliver(parts[1]));
    const bare = withoutContent(piece);
    if (bare) {
      notes.push('the content of a span was too large for the server and was left out');
      return deliver(bare);
    }
    notes.push('a span was too large for the server and was left out');
    return undefined;
  };

  for (const [index, piece] of inPieces(shaped).entries()) {
    if (index < progress.sent) continue;
    const trouble = await deliver(piece);
    if (trouble) return trouble;
    progress.onSent(index + 1);
  }
  return { kind: 'done', notes };
}

/** Undefined when there was none. */
function withoutContent(piece: TracesData): TracesData | undefined {
  const isContent = (key: string): boolean =>
    CONTENT_NAMES.has(key) || key === 'gen_ai.prompt' || key === 'gen_ai.completion';
  if (!spansIn(piece).some(({ attributes }) => attributes.some(({ key }) => isContent(key))))
    return undefined;
  return withSpans(piece, (spans) =>
    spans.map((span) => ({ ...span, attributes: span.attributes.filter(({ key }) => !isContent(key)) })),
  );
}

function spans(count: number): string {
  return count === 1 ? '1 span' : `${count} spans`;
}

function unreachable(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return messageOf(cause) || 'it cannot be reached';
}
