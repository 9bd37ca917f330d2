import type { Json } from './base/json.ts';
import type { Environment, Keys } from './core/models/index.ts';
import type {
  ApprovalAnswer,
  ApprovalRequest,
  RunHandle,
  UnknownDecision,
} from './core/orchestration/index.ts';
import type { FolderExportHost } from './folder-export.ts';
import type { FolderModelsHost } from './folder-models.ts';
import type { SharedMemorySettings } from './folder-shared-memory.ts';
import type { FolderToolsHost } from './folder-tools.ts';
import type { Isolation } from './protocol/run-event.ts';
import type { StepView } from './protocol/run-view.ts';

/** What the surroundings (the editor, the terminal) give to a folder. */
export interface FolderHost {
  /** Strata's own storage, see `strataHome`. */
  readonly home: string;
  readonly version: string;
  readonly env: Environment;
  readonly keys: Keys;
  /** Folder that holds the bundles: tool servers and the memory's process. */
  readonly bundles: string;
  readonly isolation: Isolation;
  readonly baseImage: string;
  readonly approve: (request: ApprovalRequest, signal: AbortSignal) => Promise<ApprovalAnswer>;
  readonly decideUnknown: (step: StepView) => Promise<UnknownDecision>;
  readonly tools: FolderToolsHost;
  readonly models?: Pick<FolderModelsHost, 'settings' | 'editorModels' | 'onBudget'>;
  /** Where runs are exported to as they end. */
  readonly exports?: FolderExportHost;
  /** Whether notes may be written into the folder; they may where nothing is said. */
  readonly mayWriteNotes?: () => boolean;
  /** Variables that name the proxy; a host without settings has them in its environment. */
  readonly proxy?: () => Environment;
  /** The setting `strata.memory.embedder`; a host without settings takes STRATA_EMBEDDER of its environment. */
  readonly embedder?: () => Json | undefined;
  /** The settings `strata.memory.uri` and `.storageOptions`; without an address memory stays on this machine. */
  readonly sharedMemory?: () => SharedMemorySettings;
  /** The setting `strata.memory.expandQueries`, which is on where nothing is said. */
  readonly expandQueries?: () => boolean;
  /** The setting `strata.observability.user`; a host without settings takes STRATA_USER of its environment. */
  readonly user?: () => Json | undefined;
  /** Told of every run that a step starts or takes up. */
  readonly onSubRun?: (handle: RunHandle) => void;
}
