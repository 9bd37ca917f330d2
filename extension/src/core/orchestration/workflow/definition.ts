/** A workflow as its file declares it, checked: every name that it uses is there, every way through it ends. */
export interface WorkflowDefinition {
  readonly name: string;
  readonly description: string;
  /** In the order of the file. */
  readonly nodes: readonly WorkflowNode[];
  readonly edges: readonly WorkflowEdge[];
  /** Dollars after which the run pauses and asks whether to go on. */
  readonly budget?: number;
}

interface NodeBase {
  /** One word, unique in the workflow. */
  readonly id: string;
  /** How often it is tried again after it failed. */
  readonly retries: number;
  /** Milliseconds that one try may take. */
  readonly timeLimitMs?: number;
}

/** What a node does. In texts, `{{task}}` is the task of the run and `{{id.answer}}` the answer of a node before. */
export type WorkflowNode = NodeBase &
  (
    | { readonly kind: 'agent'; readonly agent: string; readonly task: string }
    /** The same agent on each part of an answer, side by side: its JSON array of strings, or its list items, or its lines. */
    | {
        readonly kind: 'map';
        readonly over: string;
        readonly agent: string;
        /** `{{item}}` is the part. */
        readonly task: string;
        /** At most this many at once. */
        readonly parallel: number;
      }
    /** The author works, the critic judges, until the critic's answer begins with APPROVED or the rounds are over. */
    | {
        readonly kind: 'critic';
        readonly author: string;
        readonly critic: string;
        readonly task: string;
        readonly rounds: number;
      }
    /** Members speak in turn as the chair decides; the chair's last word is the answer. */
    | {
        readonly kind: 'discussion';
        readonly chair: string;
        readonly members: readonly string[];
        readonly task: string;
        readonly rounds: number;
      }
  );

/** `to` runs when `from` has ended and `when` holds. A node with several edges to it waits for all that are taken. */
export interface WorkflowEdge {
  readonly from: string;
  readonly to: string;
  readonly when?: WorkflowCondition;
  /** How often it may be taken in one run: an edge that leads back needs it. */
  readonly limit?: number;
}

export interface WorkflowCondition {
  /** A node that has run. */
  readonly node: string;
  readonly field: 'answer' | 'outcome';
  readonly test: 'contains' | 'equals' | 'matches';
  readonly value: string;
  readonly negated: boolean;
}
