import type { PriorDiscovery } from '@modelcontextprotocol/client';

/** Which era of the protocol a server spoke, and for a server of the newer one what it said of itself. */
export type KnownEra = PriorDiscovery;

/**
 * What was learned of servers, by the id of the image that they run from or by their address, so that the next start of
 * the same needs no probe.
 */
export interface EraMemory {
  recall(key: string): KnownEra | undefined;
  keep(key: string, era: KnownEra): void;
  forget(key: string): void;
}

export interface EraMemoryOptions {
  /**
   * How long an address is believed to answer as it did, in milliseconds: a server that was replaced by a newer one still
   * takes the older handshake. An image is what its id says, for ever.
   */
  readonly addressesMs?: number;
  /** How many servers are remembered. */
  readonly most?: number;
}

export function openEraMemory({ addressesMs = 3_600_000, most = 500 }: EraMemoryOptions = {}): EraMemory {
  const known = new Map<string, { readonly era: KnownEra; readonly keptAt: number }>();
  return {
    recall: (key) => {
      const entry = known.get(key);
      if (!entry) return undefined;
      const mayChange = !key.startsWith('sha256:');
      if (!mayChange || performance.now() - entry.keptAt < addressesMs) return entry.era;
      known.delete(key);
      return undefined;
    },
    keep: (key, era) => {
      known.delete(key);
      known.set(key, { era, keptAt: performance.now() });
      for (const oldest of known.keys()) {
        if (known.size <= most) break;
        known.delete(oldest);
      }
    },
    forget: (key) => void known.delete(key),
  };
}
