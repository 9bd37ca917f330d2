/** The parts that the context of a model call is assembled from, in the order in which they stand in it. */
export const CONTEXT_SECTIONS = ['system', 'task', 'pinned', 'recalled', 'condensed', 'recent'] as const;
export type ContextSection = (typeof CONTEXT_SECTIONS)[number];

/** What was in the context of one model call. Tokens are estimates: they are counted before the call. */
export interface ContextReport {
  /** Tokens that the context may hold. */
  readonly budget: number;
  readonly tokens: number;
  /** Sections that hold something. */
  readonly sections: readonly {
    readonly section: ContextSection;
    readonly messages: number;
    readonly tokens: number;
  }[];
  /** Messages of older turns that only a summary stands for. */
  readonly leftOut: { readonly messages: number; readonly tokens: number };
}
