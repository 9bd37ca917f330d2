import { setTimeout as pause } from 'node:timers/promises';
import { isAbort } from '../../base/errors.ts';
import {
  createRouter,
  keyOf,
  type Environment,
  type Keys,
  type Models,
  type Provider,
  type Routes,
} from '../../core/models/index.ts';
import { createPrices, openProvider } from './open-provider.ts';
import type { StreamLimits } from './limits.ts';

export interface ModelsOptions {
  readonly routes: Routes;
  readonly keys: Keys;
  readonly env: Environment;
  /** Opens the providers that live in this process: the demo model. */
  readonly openDemo: () => Promise<Provider>;
  readonly limits?: StreamLimits;
}

/** The router with the real clock, keys, SDKs and prices. Keys are read at a deployment's first call, not before. */
export function createModels({ routes, keys, env, openDemo, limits }: ModelsOptions): Models {
  return createRouter({
    routes,
    openProvider: async (deployment) =>
      deployment.provider === 'demo'
        ? openDemo()
        : openProvider(deployment, await keyOf(deployment, keys, env), limits),
    prices: createPrices(),
    clock: () => performance.now(),
    random: Math.random,
    sleep: async (ms, signal) => {
      try {
        await pause(ms, undefined, { signal });
      } catch (error) {
        // The router looks at the signal itself.
        if (!isAbort(error)) throw error;
      }
    },
  });
}
