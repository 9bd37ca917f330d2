import type { Json } from '../../base/json.ts';
import { isStrataError } from '../../base/errors.ts';
import type { BlobId, Payload } from '../../protocol/run-event.ts';
import { sha256 } from './hash.ts';
import type { RunLog } from './ports.ts';

/** Up to this many characters a value stays in its event; a row of its own would cost more than it saves. */
const INLINE_LIMIT = 512;

export function toPayload(log: Pick<RunLog, 'putBlob'>, value: Json): Payload {
  const text = JSON.stringify(value);
  if (text.length <= INLINE_LIMIT) return { inline: value };
  return { blob: log.putBlob(text), bytes: Buffer.byteLength(text) };
}

/** The value itself. Throws `blob-damaged` when its blob is not what was written. */
export function fromPayload(log: Pick<RunLog, 'getBlob'>, payload: Payload): Json {
  return 'inline' in payload ? payload.inline : (JSON.parse(log.getBlob(payload.blob)) as Json);
}

/**
 * Reads the log's blobs and keeps new ones in memory, so that a replay writes nothing. Secrets are left out as the log does it:
 * unless the text stands there from before they were known.
 */
export function blobsBeside(
  log: Pick<RunLog, 'getBlob' | 'secrets'>,
): Pick<RunLog, 'getBlob' | 'putBlob' | 'secrets'> {
  const beside = new Map<BlobId, string>();
  return {
    putBlob: (given) => {
      const safe = log.secrets?.jsonText(given) ?? given;
      const text = safe !== given && isKept(log, given) ? given : safe;
      const id = sha256(text);
      beside.set(id, text);
      return id;
    },
    getBlob: (id) => beside.get(id) ?? log.getBlob(id),
  };
}

function isKept(log: Pick<RunLog, 'getBlob'>, text: string): boolean {
  try {
    return log.getBlob(sha256(text)) === text;
  } catch (error) {
    if (isStrataError(error) && error.code === 'blob-damaged') return false;
    throw error;
  }
}
