import * as z from 'zod';
import { decodeMessage, EXPORT_RESPONSE, RPC_STATUS } from '../otlp-wire/index.ts';

/** What became of a request: opentelemetry.io/docs/specs/otlp/#otlphttp-response. */
export type Reply =
  /** `rejected` spans were refused for good; sending them again would change nothing. */
  | { readonly kind: 'accepted'; readonly rejected: number; readonly message: string }
  /** Not now. `afterMs` when the server said for how long. */
  | { readonly kind: 'later'; readonly afterMs: number | undefined; readonly message: string }
  | { readonly kind: 'too-large' }
  /** The server does not unpack gzip. */
  | { readonly kind: 'not-zipped' }
  /** A person has to put it right: the key, the address. */
  | { readonly kind: 'set-up'; readonly message: string }
  /** This request will never be taken. */
  | { readonly kind: 'refused'; readonly message: string };

export interface HttpReply {
  readonly status: number;
  readonly contentType: string;
  readonly retryAfter: string | undefined;
  readonly body: Uint8Array;
}

export function readReply(reply: HttpReply, now: number): Reply {
  const { status } = reply;
  if (status >= 200 && status < 300) return accepted(reply);
  const message = `it answered ${status}${textOf(reply)}`;
  if ([408, 425, 429, 500, 502, 503, 504].includes(status))
    return { kind: 'later', afterMs: retryAfterMs(reply.retryAfter, now), message };
  if (status === 413) return { kind: 'too-large' };
  if (status === 415) return { kind: 'not-zipped' };
  if (status === 400 || status === 422) return { kind: 'refused', message };
  return { kind: 'set-up', message };
}

/** Longest that a server is believed that says when to come again. */
const LONGEST_RETRY_AFTER_MS = 24 * 60 * 60_000;

/** Seconds, or a date. */
function retryAfterMs(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const seconds = Number(value);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), LONGEST_RETRY_AFTER_MS) : undefined;
}

const partial = z.object({
  partialSuccess: z
    .object({
      rejectedSpans: z.coerce.number().default(0),
      errorMessage: z.string().default(''),
    })
    .optional(),
});

/** A body that says nothing that can be read says nothing was rejected: the status alone counts. */
function accepted(reply: HttpReply): Reply {
  const read = partial.safeParse(bodyOf(reply, EXPORT_RESPONSE));
  const { rejectedSpans = 0, errorMessage = '' } = (read.success && read.data.partialSuccess) || {};
  return {
    kind: 'accepted',
    rejected: Number.isFinite(rejectedSpans) ? rejectedSpans : 0,
    message: errorMessage,
  };
}

const refusal = z.object({ message: z.string() });

/** The words of a refusal, in a line. */
function textOf(reply: HttpReply): string {
  const read = refusal.safeParse(bodyOf(reply, RPC_STATUS));
  const isText = /^text\/plain|json/.test(reply.contentType);
  const text = read.success ? read.data.message : isText ? new TextDecoder().decode(reply.body) : '';
  const line = text.replace(/\s+/g, ' ').trim();
  return line === '' ? '' : `: ${line.length > 300 ? `${line.slice(0, 300)}…` : line}`;
}

function bodyOf({ contentType, body }: HttpReply, table: typeof EXPORT_RESPONSE): unknown {
  try {
    return contentType.includes('protobuf')
      ? decodeMessage(table, body)
      : (JSON.parse(new TextDecoder().decode(body)) as unknown);
  } catch {
    // Proxies and small receivers answer with pages, plain words or nothing.
    return undefined;
  }
}
