export { spansOfLogs } from './agent-logs.ts';
export { noSpans, notOtlp, tooManySpans } from './errors.ts';
export type { Incoming, IncomingLog, IncomingSpan } from './incoming.ts';
export { keptText, readKept } from './kept-span.ts';
export { readMessage } from './read-message.ts';
export { unpricedIn } from './priced-calls.ts';
export type { UnpricedUse } from './priced-calls.ts';
export { runOfTrace } from './trace-run.ts';
export type { TraceRun, TraceRunOptions } from './trace-run.ts';
