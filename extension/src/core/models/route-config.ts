import type { RouteConfig } from './configured-deployment.ts';

/**
 * Reads `.strata/models.jsonc`. Throws one `models-config` error with file, line and column for the first mistake.
 * The parser and its schemas are loaded at the first call.
 */
export async function readRouteConfig(text: string, file: string): Promise<RouteConfig> {
  const { parseRouteConfig } = await import('./route-config/index.ts');
  return parseRouteConfig(text, file);
}
