import type { Cost, Usage } from './message.ts';

/** What is known of a model call beside its answer. */
export interface ModelUse {
  readonly provider: string;
  readonly model: string;
  readonly usage: Usage;
  readonly cost: Cost;
  /** Milliseconds from the request to the first streamed token, where it streamed. */
  readonly firstTokenMs?: number;
}
