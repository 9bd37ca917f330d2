import type { Json } from '../base/json.ts';
import type { ErrorInfo, RunEvent, RunId, StepId } from './run-event.ts';
import type { StepFacts, StepsText } from './panel-steps.ts';
import type { RunView } from './run-view.ts';

/**
 * What the host and the trace panel say to each other. Both come from one build, so these messages have no version; what
 * the webview sends is still parsed where it arrives (`panel-schema.ts`).
 */

export const PANEL_ACTIONS = [
  'stop',
  'pause',
  'resume',
  'replay',
  'rerun',
  'apply',
  'undo',
  'discard',
  'export',
] as const;
export type PanelAction = (typeof PANEL_ACTIONS)[number];

/** What is asked of the host with more than a run, and answered like an action. */
export type PanelTask = PanelAction | 'steer' | 'fork' | 'decide';

export const CALL_DECISIONS = ['allow', 'edit', 'refuse'] as const;
export type CallDecision = (typeof CALL_DECISIONS)[number];

/** What the log does not say of a run. */
export interface RunFacts {
  /** A process is at work on it now. A run that says `running` and is not live lost its process. */
  readonly live: boolean;
  /** That process is this window's own, so that it can be paused and steered from here. */
  readonly own: boolean;
  /** Tool calls of it and of its sub-runs that wait for a person in this window, in the order in which they were asked. */
  readonly waiting: readonly WaitingCall[];
  /** It comes from a file: there is no log that it could go on in. */
  readonly fromFile?: true;
}

export interface WaitingCall {
  readonly run: RunId;
  readonly step: StepId;
  readonly tool: string;
  /** Arguments as JSON, cut when they are long. */
  readonly arguments: string;
}

/** The workflow that a run performs, as far as its picture shows it. */
export interface WorkflowGraph {
  readonly nodes: readonly {
    readonly id: string;
    /** Who works there, such as `writer` or `coder and reviewer`. */
    readonly detail: string;
  }[];
  readonly edges: readonly {
    readonly from: string;
    readonly to: string;
    /** When it is taken; empty for always. */
    readonly label: string;
  }[];
}

/** A payload of a step, or of the run itself: its input, or its answer as `output`. */
export interface PayloadTarget {
  readonly step?: StepId;
  readonly part: 'input' | 'output';
}

export type PayloadResult =
  | {
      /** With its blobs in place: conversations are lists of messages, tools are definitions. */
      readonly value: Json;
      /** Something was left out because it is large. The whole can be opened in an editor. */
      readonly cut: boolean;
    }
  | { readonly error: ErrorInfo };

/** A step of the run that is shown by its id; one of a sub-run as `<run>/<step>`. */
export type StepKey = string;

/** A run without its steps. */
export type RunHead = Omit<RunView, 'steps'>;

export type HostMessage =
  | {
      /** A run, its payloads left out. Takes the place of whatever was shown, as soon as all its steps are there. */
      readonly type: 'run';
      readonly view: RunHead;
      readonly steps: StepsText;
      /** Number of all its steps; when `steps` does not hold them, more messages follow. */
      readonly total: number;
      readonly facts: RunFacts;
      readonly graph?: WorkflowGraph;
      /** The host's clock: with a remote host it may differ from the webview's. */
      readonly now: number;
    }
  /** More steps of a run that came before. */
  | { readonly type: 'steps'; readonly run: RunId; readonly steps: StepsText }
  | ({
      /** A sub-run that was asked for, in the same way; it may come unasked when it was not there at first. */
      readonly type: 'sub-run';
      readonly run: RunId;
    } & (
      | { readonly view: RunHead; readonly steps: StepsText; readonly total: number }
      | { readonly error: ErrorInfo }
    ))
  /** What was asked for of one step; undefined when it has gone. */
  | { readonly type: 'step'; readonly run: RunId; readonly facts: StepFacts | undefined }
  | {
      /** What was appended since to the run, and to the sub-runs that were asked for. Payloads are left out. */
      readonly type: 'events';
      readonly run: RunId;
      readonly events: readonly RunEvent[];
      readonly facts: RunFacts;
      readonly now: number;
    }
  /** Look at this step of the run that is shown. */
  | { readonly type: 'select'; readonly run: RunId; readonly step: StepId }
  | { readonly type: 'unavailable'; readonly run: RunId; readonly error: ErrorInfo }
  | { readonly type: 'payload'; readonly request: number; readonly result: PayloadResult }
  | {
      readonly type: 'action-done';
      readonly action: PanelTask;
      readonly run: RunId;
      /** One sentence on how it went. */
      readonly message?: string;
      readonly error?: ErrorInfo;
    };

export type PanelMessage =
  | { readonly type: 'ready'; readonly run?: RunId | undefined }
  /** The steps of a sub-run and what is appended to it; to a page that has its events up to `after`, what is newer. */
  | { readonly type: 'sub-run'; readonly run: RunId; readonly after?: number }
  /** What only the step that is looked at shows. */
  | { readonly type: 'step'; readonly run: RunId; readonly step: StepId }
  | {
      readonly type: 'payload';
      readonly run: RunId;
      readonly request: number;
      readonly target: PayloadTarget;
    }
  | { readonly type: 'open-payload'; readonly run: RunId; readonly target: PayloadTarget }
  | {
      /** What a step did to a file; what the whole run did, without one. */
      readonly type: 'open-diff';
      readonly run: RunId;
      readonly step?: StepId;
      readonly path: string;
    }
  | { readonly type: 'copy'; readonly text: string }
  | { readonly type: 'action'; readonly run: RunId; readonly action: PanelAction }
  /** A message to the agent of a run that goes on. */
  | { readonly type: 'steer'; readonly run: RunId; readonly text: string }
  | { readonly type: 'fork'; readonly run: RunId; readonly step: StepId }
  | {
      readonly type: 'decide';
      readonly run: RunId;
      readonly step: StepId;
      readonly decision: CallDecision;
    }
  /** Show another run: a sub-run, or what this one came from. */
  | { readonly type: 'open-run'; readonly run: RunId; readonly step?: StepId };

/** What the panel keeps over hiding and reloading; of its own version, for it outlives an update of the extension. */
export interface PanelState {
  readonly v: 1;
  readonly run: RunId;
  readonly selected?: StepKey | undefined;
  readonly tab?: PanelTab | undefined;
  readonly scrollTop?: number | undefined;
  readonly collapsed?: readonly StepKey[] | undefined;
  /** Steps whose sub-runs were opened by hand. */
  readonly opened?: readonly StepKey[] | undefined;
  /** Where there is a graph, of a workflow or of agents: which of the two stands beside the details. */
  readonly side?: PanelSide | undefined;
  readonly filter?:
    { readonly text: string; readonly kind: string; readonly errorsOnly: boolean } | undefined;
  /** The replay's position. */
  readonly at?: number | undefined;
}

export const PANEL_SIDES = ['graph', 'steps'] as const;
export type PanelSide = (typeof PANEL_SIDES)[number];

export const PANEL_TABS = ['input', 'output', 'overview'] as const;
export type PanelTab = (typeof PANEL_TABS)[number];
