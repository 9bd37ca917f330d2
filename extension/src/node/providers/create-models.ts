import {
  createHealth,
  createRouter,
  keyOf,
  type Deployment,
  type Environment,
  type Keys,
  type Health,
  type Models,
  type Provider,
  type RouterOptions,
  type Routes,
} from '../../core/models/index.ts';
import { createPrices, openProvider } from './open-provider.ts';
import type { StreamLimits } from './limits.ts';

export interface ModelsOptions {
  readonly routes: Routes;
  readonly keys: Keys;
  readonly env: Environment;
  /** Shared by all runs of a folder; without it each counts for itself. */
  readonly health?: Health;
  readonly budget?: RouterOptions['budget'];
  readonly autoAsks?: boolean;
  /** Opens the providers that live in this process: the demo model. */
  readonly openDemo: () => Promise<Provider>;
  /** Opens a model of the editor, where there is one. */
  readonly openEditorModel?: (deployment: Deployment) => Promise<Provider>;
  readonly limits?: StreamLimits;
}

/** The router with the real clock, keys, SDKs and prices. Keys are read at a deployment's first call, not before. */
export function createModels({
  routes,
  keys,
  env,
  health = createHealth(Date.now),
  budget,
  autoAsks = false,
  openDemo,
  openEditorModel,
  limits,
}: ModelsOptions): Models {
  return createRouter({
    routes,
    openProvider: async (deployment) => {
      if (deployment.provider === 'demo') return openDemo();
      if (deployment.provider === 'vscode' && openEditorModel) return openEditorModel(deployment);
      return openProvider(deployment, await keyOf(deployment, keys, env), limits);
    },
    prices: createPrices(),
    health,
    autoAsks,
    ...(budget ? { budget } : {}),
    now: Date.now,
    clock: () => performance.now(),
    random: Math.random,
    sleep,
  });
}

/** Not `node:timers/promises`, which makes two errors with their stacks of every call that ends before its limit. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    if (signal.aborted) done();
    else signal.addEventListener('abort', done);
  });
}
