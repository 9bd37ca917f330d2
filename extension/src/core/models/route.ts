import type { Deployment } from './provider.ts';

/**
 * How the deployment for a call is chosen among those of a route that can take it: in the order written, by chance in
 * proportion to the weights, the one with the fewest calls under way, the one with the shortest time to its first token,
 * or the one with the lowest price. The others follow as fallbacks, in the order that the strategy gives them.
 */
export const STRATEGIES = ['ordered', 'weighted', 'least-busy', 'lowest-latency', 'lowest-cost'] as const;
export type Strategy = (typeof STRATEGIES)[number];

export interface RouteDeployment {
  readonly deployment: Deployment;
  /** Share of the calls under `weighted`; above 0. */
  readonly weight: number;
  /** Tokens of input and output together; the catalogue's where nothing is said, undefined where nobody knows. */
  readonly contextWindow: number | undefined;
}

/** A task type and what serves it. */
export interface Route {
  readonly name: string;
  readonly strategy: Strategy;
  readonly deployments: readonly RouteDeployment[];
  /** Routes that take over a request that is too long for all of these, or that these refuse for its content. */
  readonly onContextLength?: string;
  readonly onContentPolicy?: string;
}

/** By task type. */
export type Routes = ReadonlyMap<string, Route>;

/** A plain one: what is written first is asked first. */
export function orderedRoute(name: string, deployments: readonly Deployment[]): Route {
  const entries = deployments.map((deployment) => ({ deployment, weight: 1, contextWindow: undefined }));
  return { name, strategy: 'ordered', deployments: entries };
}
