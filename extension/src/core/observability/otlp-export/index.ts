export { backoffMs } from './backoff.ts';
export { PROFILES, readDestinations } from './destination.ts';
export type { Destination, Profile, Protocol, ReadDestinations } from './destination.ts';
export { environmentDestinations } from './environment.ts';
export { fillHeaders } from './headers.ts';
export type { FindSecret } from './headers.ts';
export { readReply } from './reply.ts';
export type { HttpReply, Reply } from './reply.ts';
export { bodyFor, halves, inPieces, shapeFor, spansIn } from './requests.ts';
