import type { Isolation, RollUp, RunId, RunOutcome, Steering, StepId } from '../../protocol/run-event.ts';
import type { Models } from '../models/provider.ts';
import type { SamplingDesk } from '../tools/sampling-desk.ts';
import type { Tools } from '../tools/tool.ts';
import type { Calls } from './gateway/calls.ts';
import type { Chats } from './lent-chat/chats.ts';
import type { ApprovalAnswer, ApprovalRequest, RunFiles, RunLog, RunMemory } from './ports.ts';
import type { RunInput } from './run-input.ts';
import type { Steps } from './steps.ts';

/** Everything that the program of a run reaches out to. In a replay only `steps` and `log` are ever touched. */
export interface RunPorts {
  readonly run: RunId;
  readonly isolation: Isolation;
  readonly steps: Steps;
  readonly log: Pick<RunLog, 'putBlob' | 'getBlob'>;
  readonly models: Models;
  readonly memory: RunMemory;
  readonly files: RunFiles;
  readonly tools: Tools;
  /** Where servers that ask for answers of a model are heard; without it they are refused. */
  readonly sampling?: SamplingDesk;
  readonly approve: (request: ApprovalRequest, signal: AbortSignal) => Promise<ApprovalAnswer>;
  readonly now: () => number;
  /** The newest known tree of the run's files, for whoever must put them back. */
  readonly onTree: (tree: string) => void;
  /** What a person said that no step has taken in yet. */
  readonly steering: () => Steering | undefined;
  /** Of a run whose calls come in through the gateway. */
  readonly calls: Calls | undefined;
  /** Of a run that answers another program's chat. */
  readonly chats: Chats | undefined;
  /** How often a person has let the run's budget be spent again. */
  readonly timesAllowed?: () => number;
  /** Aborted when the run shall end now; for a program that waits for something other than a step. */
  readonly stopping: AbortSignal;
  /** Starts the run that a step is for, or goes on with it, and waits for its end. */
  readonly subRun: (request: SubRunRequest) => Promise<SubRunEnd>;
}

export interface SubRunRequest {
  readonly run: RunId;
  readonly step: StepId;
  readonly input: RunInput;
  readonly signal: AbortSignal;
}

/** How a sub-run ended. It throws `RunPaused` when the sub-run pauses. */
export interface SubRunEnd {
  readonly outcome: RunOutcome;
  /** Its answer, or what it failed with. */
  readonly answer: string;
  /** Its files as it found and as it left them. */
  readonly base: string | undefined;
  readonly tree: string | undefined;
  readonly rollUp: RollUp;
}
