import type { Json } from './base/json.ts';
import { mergeConfigs, readRouteConfig, resolveRoutes } from './core/models/index.ts';
import type { EditorModels, Environment, Keys, ResolvedRoutes, RouteConfig } from './core/models/index.ts';
import { probeOllama } from './node/providers/index.ts';
import { readSettings } from './node/read-settings.ts';

/** What decides which models a folder has. */
export interface FolderRoutesHost {
  readonly env: Environment;
  readonly keys: Keys;
  /** The user's own routes and budgets, in the form of `.strata/models.jsonc`. */
  readonly settings?: () => Json | undefined;
  /** The models that the person has in the editor. */
  readonly editorModels?: EditorModels;
}

/** What the settings are called where a mistake in them is told. */
const SETTINGS = 'the settings strata.models';

/** Throws a `StrataError` with the place of a mistake. */
export async function readFolderConfig(
  folder: string,
  { settings }: FolderRoutesHost,
): Promise<RouteConfig | undefined> {
  const written = settings?.();
  const own = written === undefined ? undefined : await readRouteConfig(JSON.stringify(written), SETTINGS);
  return mergeConfigs(await readSettings(folder, 'models.jsonc', readRouteConfig), own);
}

/** The routes of a folder. Nothing is opened for it, so it can be asked of a folder that Strata was never used on. */
export function resolveFolderRoutes(
  config: RouteConfig | undefined,
  { env, keys, editorModels }: FolderRoutesHost,
): Promise<ResolvedRoutes> {
  return resolveRoutes({
    ...{ config, keys, env },
    probeOllama: () => probeOllama(env),
    ...(editorModels ? { editorModels } : {}),
  });
}
