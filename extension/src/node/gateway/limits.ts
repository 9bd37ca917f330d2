/** How long the gateway waits for its clients, and how many of them it takes. */
export interface GatewayLimits {
  /** Without an open connection for this long, a client's calls are called off. */
  readonly lostMs: number;
  /** Without an open connection for this long, a client's session ends. */
  readonly idleMs: number;
  /** For answers to a server's questions. */
  readonly answerMs: number;
  readonly mostSessions: number;
  readonly mostParked: number;
  /** Kept of each session of the older revisions, for a client that lost its connection. */
  readonly resumeBytes: number;
}

export const DEFAULT_LIMITS: GatewayLimits = {
  lostMs: 30_000,
  idleMs: 30 * 60_000,
  answerMs: 10 * 60_000,
  mostSessions: 64,
  mostParked: 64,
  resumeBytes: 8 * 1024 * 1024,
};
