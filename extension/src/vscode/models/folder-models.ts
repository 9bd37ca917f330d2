import type { ModelsDesk } from '../../core/models/index.ts';
import type { Found } from '../choose-found.ts';

/** Layer 1 of one open folder, as the view and the commands need it. */
export interface FolderModels {
  /** File-system path. */
  readonly folder: string;
  readonly name: string;
  readonly desk: ModelsDesk;
}

export type FoundModels = Found<FolderModels>;
