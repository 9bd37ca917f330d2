export { otlpDamaged } from './errors.ts';
export { decodeMessage, encodeMessage } from './protobuf.ts';
export type { MessageTable, PlainMessage } from './protobuf.ts';
export { EXPORT_RESPONSE, LOGS, RPC_STATUS, TRACES } from './tables.ts';
