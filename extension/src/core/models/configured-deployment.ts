import type { Budgets } from './budget.ts';
import type { AccountName } from './catalogue.ts';
import type { Deployment, TokenPrice } from './provider.ts';
import type { Strategy } from './route.ts';

/** A deployment as a configuration names it; which key it gets is decided by `resolveRoutes`. */
export interface ConfiguredDeployment {
  readonly id: string;
  readonly provider: Deployment['provider'];
  readonly model: string;
  /** Whose key it gets, where no address and no key are named: the provider's own if not said. */
  readonly account?: AccountName;
  readonly baseUrl?: string;
  readonly keyName?: string;
  readonly api?: 'responses' | 'chat';
  readonly price?: TokenPrice;
  readonly weight: number;
  readonly contextWindow?: number;
}

export interface ConfiguredRoute {
  /** Where it is written, as messages name it. */
  readonly file: string;
  readonly strategy: Strategy;
  readonly deployments: readonly ConfiguredDeployment[];
  readonly onContextLength?: string;
  readonly onContentPolicy?: string;
}

export interface RouteConfig {
  /** The file as messages name it, such as `.strata/models.jsonc`. */
  readonly file: string;
  readonly routes: ReadonlyMap<string, ConfiguredRoute>;
  readonly budgets: Budgets;
  /** Whether `auto` may ask the route `fast` where its rules find nothing. */
  readonly autoAsks: boolean;
}
