import type { FoundModels } from './folder-models.ts';

/** What the commands of the models' view work with. */
export interface ModelsPorts {
  /** The open folders; opens those that are not yet. */
  readonly find: () => Promise<FoundModels>;
  readonly report: (error: unknown) => void;
  /** The view is read anew. */
  readonly refresh: () => void;
}
