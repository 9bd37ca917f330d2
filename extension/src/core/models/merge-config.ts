import type { Budgets, Limit } from './budget.ts';
import type { RouteConfig } from './configured-deployment.ts';

/**
 * The workspace's file over the user's settings. Its routes win, since a project knows what it needs; of budgets the lower
 * one holds, since a file that comes with a project must not spend more than its user allows.
 */
export function mergeConfigs(
  file: RouteConfig | undefined,
  settings: RouteConfig | undefined,
): RouteConfig | undefined {
  if (!file || !settings) return file ?? settings;
  return {
    file: file.file,
    routes: new Map([...settings.routes, ...file.routes]),
    budgets: lowerOf(file.budgets, settings.budgets),
    autoAsks: file.autoAsks || settings.autoAsks,
  };
}

function lowerOf(a: Budgets, b: Budgets): Budgets {
  const run = lowerLimit(a.run, b.run);
  const day = lowerLimit(a.day, b.day);
  const workspace = lowerLimit(a.workspace, b.workspace);
  return {
    ...(run ? { run } : {}),
    ...(day ? { day } : {}),
    ...(workspace ? { workspace } : {}),
    agents: lowerEach(a.agents, b.agents),
    routes: lowerEach(a.routes, b.routes),
  };
}

function lowerEach(a: ReadonlyMap<string, Limit>, b: ReadonlyMap<string, Limit>): ReadonlyMap<string, Limit> {
  const names = new Set([...a.keys(), ...b.keys()]);
  return new Map(
    [...names].flatMap((name) => {
      const limit = lowerLimit(a.get(name), b.get(name));
      return limit ? [[name, limit] as const] : [];
    }),
  );
}

function lowerLimit(a: Limit | undefined, b: Limit | undefined): Limit | undefined {
  if (!a || !b) return a ?? b;
  const usd = Math.min(a.usd ?? Infinity, b.usd ?? Infinity);
  const tokens = Math.min(a.tokens ?? Infinity, b.tokens ?? Infinity);
  return {
    ...(usd === Infinity ? {} : { usd }),
    ...(tokens === Infinity ? {} : { tokens }),
  };
}
