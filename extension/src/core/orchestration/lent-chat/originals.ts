import type { BlobId } from '../../../protocol/run-event.ts';
import type { RunLog } from '../ports.ts';

/** Texts of a long chat; what was forgotten is answered from the log, without the secrets. */
const MOST = 1_000;

/** The log, which gives texts with secrets back as they came as long as this process lives: they are for the model. */
export function withOriginals<Log extends RunLog>(log: Log): Log {
  const { secrets } = log;
  if (!secrets) return log;
  const originals = new Map<BlobId, string>();
  return {
    ...log,
    putBlob: (text) => {
      const id = log.putBlob(text);
      if (!secrets.holds(text)) return id;
      originals.set(id, text);
      const [oldest] = originals.keys();
      if (originals.size > MOST && oldest !== undefined) originals.delete(oldest);
      return id;
    },
    getBlob: (id) => originals.get(id) ?? log.getBlob(id),
  };
}
