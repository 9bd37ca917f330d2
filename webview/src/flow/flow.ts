import type { PanelSide } from '../../../extension/src/protocol/panel.ts';
import type { RunView, StepView } from '../../../extension/src/protocol/run-view.ts';
import type { StatusLook } from '../kinds.ts';
import type { Model } from '../model.ts';

/** A run as a graph of who does what, and what leads to what. The same object as long as it is the same graph. */
export interface Flow {
  readonly name: string;
  /** What stands beside the details until a person chooses. */
  readonly beside: PanelSide;
  readonly nodes: readonly FlowNode[];
  readonly edges: readonly FlowEdge[];
  /** What each node did, by its id. */
  steps(run: RunView): ReadonlyMap<string, readonly StepView[]>;
  /** Whether it led on; lines that did not yet are broken. */
  wasTaken(edge: Pick<FlowEdge, 'from' | 'to'>, steps: ReadonlyMap<string, readonly StepView[]>): boolean;
  /** How far the node is. */
  look(id: string, own: readonly StepView[], model: Model): StatusLook;
}

export interface FlowNode {
  readonly id: string;
  readonly title: string;
  readonly detail: string;
}

export interface FlowEdge {
  readonly from: string;
  readonly to: string;
  /** Beside the line; empty for none. */
  readonly label: string;
  /** After the name of where it leads to. */
  readonly said: string;
}
