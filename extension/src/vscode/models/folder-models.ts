import type { ModelsDesk } from '../../core/models/index.ts';

/** Layer 1 of one open folder, as the view and the commands need it. */
export interface FolderModels {
  /** File-system path. */
  readonly folder: string;
  readonly name: string;
  readonly desk: ModelsDesk;
}

export interface FoundModels {
  readonly folders: readonly FolderModels[];
  /** Folders that cannot be opened, and why. */
  readonly troubles: readonly unknown[];
}
