import type {
  Isolation,
  RunEventBody,
  RunId,
  RunOrigin,
  RunOutcome,
  Steering,
  ErrorInfo,
} from '../../protocol/run-event.ts';
import type { RunView, StepView } from '../../protocol/run-view.ts';
import type { ToolServer } from '../tools/tool.ts';
import type { RunPaused } from './errors.ts';
import type { Calls } from './gateway/calls.ts';
import type { Chats } from './lent-chat/chats.ts';
import type { UnknownDecision } from './live-steps.ts';
import type { RunLeases, RunLog } from './ports.ts';
import type { RunPorts } from './run-ports.ts';
import type { RunControl } from './run-control.ts';
import type { RunInput } from './run-input.ts';
import type { After } from './step-limits.ts';

/** What a run needs while it is alive, made for it and ended with it. */
export interface RunResources extends Pick<
  RunPorts,
  'models' | 'memory' | 'files' | 'tools' | 'sampling' | 'approve' | 'timesAllowed'
> {
  readonly decideUnknown: (step: StepView) => Promise<UnknownDecision>;
  /** Of a run whose calls come in through the gateway, while its client is there. */
  readonly calls?: Calls;
  /** Of a run that answers another program's chat, while that program is there. */
  readonly chats?: Chats;
  /** The servers behind `tools`, for who needs more of them than calls. */
  readonly serverOf?: (name: string) => ToolServer | undefined;
  readonly dispose: () => Promise<void>;
}

export interface RunEnvironment {
  readonly log: RunLog & RunLeases;
  readonly now: () => number;
  readonly after: After;
  readonly newRunId: () => RunId;
  /** Opens what the run works with. `view` holds what an earlier process has recorded of it. */
  readonly open: (run: RunId, input: RunInput, view: RunView) => Promise<RunResources>;
  /** Told of every sub-run that is started or taken up, so that it can be stopped or steered by itself. */
  readonly onRun?: (handle: RunHandle) => void;
  readonly folder: string;
  readonly isolation: Isolation;
  readonly strata: string;
  /** Who starts runs now; undefined where runs do not say it. */
  readonly user?: () => string | undefined;
}

/** How a run ended, or why it stands still. */
export type RunEnd =
  | {
      readonly run: RunId;
      readonly status: RunOutcome;
      readonly answer: string | undefined;
      readonly error: unknown;
    }
  | { readonly run: RunId; readonly status: 'paused'; readonly error: RunPaused };

export interface RunHandle {
  readonly run: RunId;
  /** Rejects only when the log itself cannot be written any more. */
  readonly ended: Promise<RunEnd>;
  /** Calls off what is under way. */
  readonly stop: () => void;
  /** Finishes what is under way, and begins nothing new. Without a reason, a person wanted it. */
  readonly pause: (why?: ErrorInfo) => void;
  /** The agent sees it with its next model call. Throws when the run has ended or its log cannot be written. */
  readonly steer: (steering: Steering) => void;
}

/** The run that a sub-run stops and pauses with. */
export type Above = Pick<RunControl, 'signal' | 'pausing'>;

/** What else is known of a run when it begins. */
export interface Beginning {
  readonly origin: RunOrigin;
  /** The run that this one is a part of. */
  readonly above?: Above;
  /** Recorded steps of another run that it begins with, and a word to its agent. */
  readonly recorded?: readonly RunEventBody[];
}
