import type { Cooldown, Health } from './health.ts';
import type { Route, RouteDeployment } from './route.ts';

export interface Candidate {
  readonly entry: RouteDeployment;
  /** Why it comes at this place, as the end of a sentence. */
  readonly why: string;
  /** It is a last resort, until its cooldown is over. */
  readonly cooling: Cooldown | undefined;
}

export interface Ordering {
  readonly candidates: readonly Candidate[];
  /** Deployments that cannot take the request at all, and why. */
  readonly passedOver: readonly { readonly entry: RouteDeployment; readonly why: string }[];
}

export interface RequestSize {
  /** Tokens that the request and its answer will need, by estimate. */
  readonly tokens: number;
}

export interface StrategyParts {
  readonly health: Pick<Health, 'of'>;
  /** Numbers in [0, 1). */
  readonly random: () => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Dollars for a call of this size; undefined when no price is known. */
  readonly priceOf: (entry: RouteDeployment) => Promise<number | undefined>;
}

/** The deployments of a route in the order in which a call tries them. */
export async function orderDeployments(
  route: Route,
  { tokens }: RequestSize,
  parts: StrategyParts,
): Promise<Ordering> {
  const { health, now } = parts;
  const fitting: RouteDeployment[] = [];
  const passedOver: { entry: RouteDeployment; why: string }[] = [];
  for (const entry of route.deployments) {
    const { contextWindow } = entry;
    if (contextWindow === undefined || tokens <= contextWindow) fitting.push(entry);
    else passedOver.push({ entry, why: tooLong(tokens, contextWindow) });
  }
  const isCooling = ({ deployment }: RouteDeployment): boolean =>
    health.of(deployment.id).cooling !== undefined;
  const usable = fitting.filter((entry) => !isCooling(entry));
  const cooling = fitting
    .filter(isCooling)
    .map((entry) => ({ entry, cooling: health.of(entry.deployment.id).cooling }))
    .sort((a, b) => (a.cooling?.until ?? 0) - (b.cooling?.until ?? 0));
  const since = cooling.map(({ entry, cooling: it }) => `${entry.deployment.id} ${coolsDown(it, now())}`);
  const ordered = await ORDERS[route.strategy](usable, parts);
  return {
    candidates: [
      ...ordered.map(({ entry, why }, index) => ({
        entry,
        why: index === 0 && since.length > 0 ? `${why}, since ${since.join(' and ')}` : why,
        cooling: undefined,
      })),
      ...cooling.map(({ entry, cooling: it }) => ({
        entry,
        why: 'the last resort',
        cooling: it,
      })),
    ],
    passedOver,
  };
}

/** Such as `cools down for 21 s after rate-limit 429`. */
export function coolsDown(cooling: Cooldown | undefined, now: number): string {
  const seconds = Math.max(1, Math.ceil(((cooling?.until ?? now) - now) / 1000));
  return `cools down for ${seconds} s after ${cooling?.reason ?? 'a failure'}`;
}

interface Placed {
  readonly entry: RouteDeployment;
  readonly why: string;
}

type Order = (usable: readonly RouteDeployment[], parts: StrategyParts) => Promise<readonly Placed[]>;

const ORDERS: Readonly<Record<Route['strategy'], Order>> = {
  ordered: (usable) =>
    Promise.resolve(
      usable.map((entry, index) => ({
        entry,
        why: usable.length === 1 ? 'its only one that can be asked' : placeOf(index, usable.length),
      })),
    ),

  /** Efraimidis and Spirakis, "Weighted random sampling with a reservoir" (2006): the largest u^(1/w) first. */
  weighted: (usable, { random }) => {
    const all = usable.reduce((sum, { weight }) => sum + weight, 0);
    const drawn = usable.map((entry) => ({ entry, key: random() ** (1 / entry.weight) }));
    return Promise.resolve(
      drawn
        .sort((a, b) => b.key - a.key)
        .map(({ entry }) => ({
          entry,
          why: `drawn with a share of ${Math.round((100 * entry.weight) / all)} %`,
        })),
    );
  },

  'least-busy': (usable, { health }) => {
    const busy = usable.map((entry) => ({ entry, calls: health.of(entry.deployment.id).inFlight }));
    return Promise.resolve(
      busy
        .sort((a, b) => a.calls - b.calls)
        .map(({ entry, calls }) => ({
          entry,
          why: calls === 0 ? 'free' : `with ${calls} calls under way`,
        })),
    );
  },

  'lowest-latency': (usable, { health }) => {
    const measured = usable.map((entry) => ({ entry, ms: health.of(entry.deployment.id).firstTokenMs }));
    // One that nobody has measured goes first, or it never would be.
    return Promise.resolve(
      measured
        .sort((a, b) => (a.ms ?? -1) - (b.ms ?? -1))
        .map(({ entry, ms }) => ({
          entry,
          why: ms === undefined ? 'not measured yet' : `${Math.round(ms)} ms to its first token`,
        })),
    );
  },

  'lowest-cost': async (usable, { priceOf }) => {
    const priced = await Promise.all(usable.map(async (entry) => ({ entry, usd: await priceOf(entry) })));
    return priced
      .sort((a, b) => (a.usd ?? Infinity) - (b.usd ?? Infinity))
      .map(({ entry, usd }) => ({
        entry,
        why: usd === undefined ? 'without a known price' : `about $${usd.toPrecision(2)} a call`,
      }));
  },
};

function placeOf(index: number, count: number): string {
  return index === 0 ? `the first of ${count}` : `number ${index + 1} of ${count}`;
}

function tooLong(tokens: number, contextWindow: number): string {
  return `the request needs about ${inThousands(tokens)} tokens, and it takes ${inThousands(contextWindow)}`;
}

function inThousands(tokens: number): string {
  return tokens.toLocaleString('en-US');
}
