import { isStrataError } from '../../base/errors.ts';
import { notOtlp } from '../../core/observability/otlp-import/index.ts';
import { decodeMessage, LOGS, otlpDamaged, TRACES } from '../../core/observability/otlp-wire/index.ts';
import type { PlainMessage } from '../../core/observability/otlp-wire/index.ts';

/** The tag of the first field of every message that OTLP sends. */
const FIRST_TAG = 0x0a;

/** One message, or several with the length of each in four bytes before it, as the collector's file exporter writes. */
export function messagesInProtobuf(bytes: Uint8Array): readonly PlainMessage[] {
  if (bytes[0] === FIRST_TAG) return [eitherMessage(bytes)];
  const messages: PlainMessage[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length;) {
    const length = at + 4 <= bytes.length ? view.getUint32(at) : Infinity;
    const isWhole = at + 4 + length <= bytes.length;
    if (messages.length === 0 && (!isWhole || bytes[at + 4] !== FIRST_TAG))
      throw notOtlp('it is neither JSON nor protobuf');
    if (!isWhole) throw otlpDamaged('it ends in the middle of a message');
    messages.push(eitherMessage(bytes.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return messages;
}

/** Traces and logs have the same number on the wire, and other fields below. */
export function eitherMessage(bytes: Uint8Array): PlainMessage {
  try {
    return decodeMessage(TRACES, bytes);
  } catch (error) {
    if (!isStrataError(error)) throw error;
    try {
      return decodeMessage(LOGS, bytes);
    } catch {
      // What is wrong with it as a trace says more.
      throw error;
    }
  }
}
