import type { Models } from '../../models/provider.ts';
import type { RunResources } from '../run-environment.ts';
import { untouchable } from '../untouchable.ts';

/** What a run that answers a chat works with: nothing but models. */
export function modelsAlone(models: Models): RunResources {
  return {
    models,
    memory: untouchable('a chat', 'memory'),
    files: untouchable('a chat', 'files'),
    tools: untouchable('a chat', 'tools'),
    approve: () => Promise.reject(new Error('Broken invariant: a chat asked for an approval')),
    decideUnknown: () => Promise.resolve('pause'),
    dispose: () => Promise.resolve(),
  };
}
