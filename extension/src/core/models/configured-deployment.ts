import type { Deployment } from './provider.ts';

/** A deployment as a configuration names it; which key it gets is decided by `resolveRoutes`. */
export interface ConfiguredDeployment {
  readonly id: string;
  readonly provider: Exclude<Deployment['provider'], 'vscode'>;
  readonly model: string;
  readonly baseUrl?: string;
  readonly keyName?: string;
}

export interface RouteConfig {
  /** The file as messages name it, such as `.strata/models.jsonc`. */
  readonly file: string;
  readonly routes: ReadonlyMap<string, readonly ConfiguredDeployment[]>;
}
