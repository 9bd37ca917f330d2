import type * as vscode from 'vscode';
import type { Sessions } from '../sessions.ts';
import type { ApprovalDesk } from '../approvals/index.ts';
import type { SecretKeys } from '../secret-keys.ts';
import type { TextPrompts } from '../text-prompts.ts';
import type { RegisteredAlerts } from '../alerts-registration.ts';
import type { RegisteredComparison } from '../comparison-registration.ts';
import type { RegisteredMetrics } from '../metrics-registration.ts';
import type { RegisteredMemory } from '../memory-registration.ts';
import type { RegisteredModels } from '../models-registration.ts';
import type { RegisteredTools } from '../tools-registration.ts';
import type { TracePanels } from '../trace-panel/index.ts';
import type { CommandArguments } from './arguments.ts';

/** What the commands work with; made once by `activate`. */
export interface CommandContext {
  readonly version: string;
  readonly sessions: Sessions;
  readonly keys: SecretKeys;
  readonly approvals: ApprovalDesk;
  readonly prompts: TextPrompts;
  readonly log: vscode.LogOutputChannel;
  readonly tools: Pick<RegisteredTools, 'perform' | 'answerQuestion' | 'refresh'>;
  readonly models: Pick<RegisteredModels, 'perform' | 'keyNameOf' | 'refresh'>;
  readonly memory: Pick<RegisteredMemory, 'perform' | 'refresh'>;
  readonly metrics: Pick<RegisteredMetrics, 'show'>;
  readonly comparison: Pick<RegisteredComparison, 'show'>;
  readonly alerts: Pick<RegisteredAlerts, 'perform'>;
  readonly panels: () => Promise<TracePanels>;
  readonly refreshRuns: () => void;
  /** Reads the recordings of the folders anew, for the Test Explorer. */
  readonly refreshReplays: () => Promise<void>;
  /** Shows what went wrong and what to do about it. A prompt that was dismissed is nothing wrong. */
  readonly report: (error: unknown) => void;
}

export type Command = (context: CommandContext, given: CommandArguments) => Promise<unknown>;
