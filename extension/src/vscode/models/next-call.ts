import type { DeploymentState, RouteState } from '../../core/models/index.ts';

/** Where the next call of a route goes, as far as that can be told before it is made. */
export type NextCall =
  | { readonly kind: 'to'; readonly to: DeploymentState; readonly insteadOf: DeploymentState | undefined }
  /** By chance, or by a price that depends on the call. */
  | { readonly kind: 'one-of'; readonly count: number }
  /** All of them cool down: the one that is ready first is tried. */
  | { readonly kind: 'last-resort'; readonly to: DeploymentState }
  | { readonly kind: 'none' };

export function isCooling({ cooling }: DeploymentState, now: number): boolean {
  return cooling !== undefined && cooling.until > now;
}

export function nextCall({ strategy, deployments }: RouteState, now: number): NextCall {
  const able = deployments.filter(({ problem }) => problem === undefined);
  const usable = able.filter((one) => !isCooling(one, now));
  const [first] = usable;
  if (!first) {
    const [soonest] = able.toSorted((a, b) => (a.cooling?.until ?? 0) - (b.cooling?.until ?? 0));
    return soonest ? { kind: 'last-resort', to: soonest } : { kind: 'none' };
  }
  const to = usable.length === 1 ? first : preferred(strategy, usable);
  if (!to) return { kind: 'one-of', count: usable.length };
  const [wanted] = deployments;
  const passedOver = strategy === 'ordered' ? (wanted === to ? undefined : wanted) : undefined;
  return { kind: 'to', to, insteadOf: passedOver ?? able.find((one) => isCooling(one, now)) };
}

/** As `orderDeployments` of the router begins. */
function preferred(
  strategy: RouteState['strategy'],
  usable: readonly DeploymentState[],
): DeploymentState | undefined {
  switch (strategy) {
    case 'ordered':
      return usable[0];
    case 'least-busy':
      return usable.toSorted((a, b) => a.inFlight - b.inFlight)[0];
    case 'lowest-latency':
      return usable.toSorted((a, b) => (a.firstTokenMs ?? -1) - (b.firstTokenMs ?? -1))[0];
    case 'weighted':
    case 'lowest-cost':
      return undefined;
  }
}
