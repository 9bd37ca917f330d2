import { expansionQuestion, readExpansion } from './core/memory/index.ts';
import { hasRealModel } from './core/models/index.ts';
import type { ResolvedRoutes } from './core/models/index.ts';
import { createLentChats } from './core/orchestration/index.ts';
import type { RunEnvironment, RunHandle } from './core/orchestration/index.ts';
import { EXPANSION_ROUTE } from './core/tools/index.ts';
import { textOf } from './protocol/message.ts';

/** Other words for what a person searches, written by a model that is configured for it. */
export interface FolderOtherWords {
  /** Whether there is such a model; the demo is none. */
  available(): Promise<boolean>;
  /** A run like any other, with its trace and its cost. Empty where the model wrote nothing usable; throws a `StrataError`. */
  ask(query: string, signal: AbortSignal): Promise<readonly string[]>;
}

export function folderOtherWords(
  environment: RunEnvironment,
  routes: () => Promise<ResolvedRoutes>,
  onRun: (handle: RunHandle) => void,
): FolderOtherWords {
  const chats = createLentChats(environment, 'search', onRun);
  return {
    available: async () => hasRealModel(await routes(), EXPANSION_ROUTE),
    ask: async (query, signal) => {
      const { system, user, maxTokens } = expansionQuestion(query);
      const { message } = await chats.ask(
        {
          route: EXPANSION_ROUTE,
          messages: [
            { role: 'system', text: system },
            { role: 'user', content: [{ type: 'text', text: user }] },
          ],
          tools: [],
          maxOutputTokens: maxTokens,
        },
        { signal, onText: () => undefined, onReasoning: () => undefined },
      );
      return readExpansion(textOf(message), query);
    },
  };
}
