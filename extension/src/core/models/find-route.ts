import { emptyRoute, noRoute } from './errors.ts';
import type { Route, Routes } from './route.ts';

/** The name under which a request leaves the choice of its route to the router. */
export const AUTO = 'auto';

/** A configuration may have a route of that name. */
export function isAuto(routes: Routes, name: string): boolean {
  return name === AUTO && !routes.has(AUTO);
}

/** Throws `no-route` for a name that is none, and for a route without deployments. */
export function findRoute(routes: Routes, name: string): Route {
  const route = routes.get(name) ?? deploymentAlone(routes, name);
  if (route === undefined) throw noRoute(name, [...routes.keys()]);
  if (route.deployments.length === 0) throw emptyRoute(name);
  return route;
}

/** A run may be steered to one deployment of any route, by its id or as `provider/model`: it is asked alone. */
function deploymentAlone(routes: Routes, name: string): Route | undefined {
  const all = [...routes.values()].flatMap(({ deployments }) => deployments);
  const found =
    all.find(({ deployment }) => deployment.id === name) ??
    all.find(({ deployment }) => `${deployment.provider}/${deployment.model}` === name);
  return found && { name, strategy: 'ordered', deployments: [found] };
}
