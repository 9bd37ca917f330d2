import { isStrataError } from '../../base/errors.ts';
import type { StrataError } from '../../base/errors.ts';
import type { Sandboxes, SandboxesOptions } from '../docker/index.ts';

/** Either containers can be started, or why not. */
export type Containers = { readonly sandboxes: Sandboxes } | { readonly missing: StrataError };

/** Several servers ask one after the other; an engine that went away within this time is met by the next question to it. */
const FRESH_MS = 1_000;

export type ContainersOptions = Omit<SandboxesOptions, 'engine'>;

/**
 * Looks for an engine at the first need and sweeps what dead owners left there. One that has gone is looked for again with
 * the next need.
 */
export function containersAtNeed(options: ContainersOptions): {
  get(signal: AbortSignal): Promise<Containers>;
  /** Those that were found, if any were. */
  known(): Promise<Sandboxes | undefined>;
  dispose(): Promise<void>;
} {
  let found: Promise<Containers> | undefined;
  // What is still to be removed there is asked for as long as the engine is not given up, which it is when one was found again.
  const lost = new Set<Sandboxes>();
  let answeredAt = -Infinity;
  const answers = async (sandboxes: Sandboxes): Promise<boolean> => {
    if (performance.now() - answeredAt < FRESH_MS) return true;
    if (!(await sandboxes.answers())) return false;
    answeredAt = performance.now();
    return true;
  };
  const find = (signal: AbortSignal): Promise<Containers> => {
    const looking = findContainers(options, signal);
    found = looking;
    const forget = (): void => {
      if (found === looking) found = undefined;
    };
    looking.then((containers) => {
      if ('missing' in containers) forget();
      else void giveUpLost();
    }, forget);
    return looking;
  };
  const giveUpLost = async (): Promise<void> => {
    const all = [...lost];
    lost.clear();
    await Promise.all(all.map((sandboxes) => sandboxes.dispose()));
  };
  return {
    get: async (signal) => {
      const looked = found;
      const known = await looked?.catch(() => undefined); // Whoever asked for it has the error.
      if (known && 'sandboxes' in known && (await answers(known.sandboxes))) return known;
      // Another who met the same may be looking already.
      if (known && found === looked) {
        if ('sandboxes' in known) lost.add(known.sandboxes);
        found = undefined;
      }
      return found ?? find(signal);
    },
    known: async () => {
      const known = await found?.catch(() => undefined); // There are none then.
      return known && 'sandboxes' in known ? known.sandboxes : undefined;
    },
    dispose: async () => {
      const known = await found?.catch(() => undefined); // There is nothing to dispose of then.
      found = undefined;
      if (known && 'sandboxes' in known) lost.add(known.sandboxes);
      await giveUpLost();
    },
  };
}

async function findContainers(options: ContainersOptions, signal: AbortSignal): Promise<Containers> {
  const { engineError, findEngine, openSandboxes, sweepContainers } = await import('../docker/index.ts');
  const state = await findEngine({ signal });
  if (state.kind !== 'ready') return { missing: engineError(state) };
  const { onProgress } = options;
  try {
    const swept = await sweepContainers(state.engine, signal);
    if (swept > 0) onProgress(`Removed ${swept} containers that an earlier process left`);
  } catch (error) {
    signal.throwIfAborted();
    if (isStrataError(error)) throw error;
    onProgress('Containers that an earlier process left could not be removed'); // They hold memory, nothing else.
  }
  return { sandboxes: openSandboxes({ ...options, engine: state.engine }) };
}
