import type { Disposable } from '../../../base/disposable.ts';
import type { FolderMemory } from '../memory-ports.ts';
import { watchState, type StateWatch } from '../watch-state.ts';
import { IndexStatus } from './index-status.ts';
import type { FolderIndex } from './status-words.ts';

/** Shows in the status bar how far the indexes of these folders are. It starts no memory, and asks only where something changes. */
export class IndexWatch implements Disposable {
  readonly #status = new IndexStatus();
  readonly #watches = new Map<FolderMemory['memory'], StateWatch>();
  readonly #states = new Map<FolderMemory['memory'], FolderIndex>();
  readonly #log: (error: unknown) => void;

  constructor(log: (error: unknown) => void) {
    this.#log = log;
  }

  /** Those of closed folders are let go of. */
  follow(folders: readonly FolderMemory[]): void {
    for (const [memory, watch] of this.#watches) {
      if (folders.some((one) => one.memory === memory)) continue;
      watch.dispose();
      this.#watches.delete(memory);
      this.#states.delete(memory);
    }
    for (const { folder, name, memory } of folders) {
      if (this.#watches.has(memory)) continue;
      const show = (state: FolderIndex['state']): void => {
        this.#states.set(memory, { folder, name, state });
        this.#status.show([...this.#states.values()]);
      };
      this.#watches.set(memory, watchState(memory, show, this.#log));
    }
    this.#status.show([...this.#states.values()]);
  }

  dispose(): void {
    for (const watch of this.#watches.values()) watch.dispose();
    this.#status.dispose();
  }
}
