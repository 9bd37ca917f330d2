import { Emitter } from '../../base/event.ts';
import type { Event } from '../../base/event.ts';
import type { ModelError } from './model-error.ts';

export interface Cooldown {
  /** Milliseconds since 1970. */
  readonly until: number;
  /** What it failed with, such as `rate-limit 429`. */
  readonly reason: string;
  /** The server itself named the time. */
  readonly asked: boolean;
}

/** What is known of a deployment, from the calls that this process made. */
export interface DeploymentHealth {
  readonly inFlight: number;
  readonly cooling: Cooldown | undefined;
  /** Absent until it has answered, and again when that was long ago. */
  readonly firstTokenMs: number | undefined;
  readonly answered: number;
  readonly failed: number;
  /** In one sentence. */
  readonly lastFailure: string | undefined;
}

/** The deployments of a folder as its runs have found them, shared by all of them. Nothing of it outlives the process. */
export interface Health {
  of(deployment: string): DeploymentHealth;
  /** Counts a call as under way until the result is told. */
  began(deployment: string): CallInFlight;
  endCooldown(deployment: string): void;
  /** A key was set or removed: what was refused may be welcome now. */
  endCooldowns(): void;
  readonly onDidChange: Event<void>;
}

export interface CallInFlight {
  answered(firstTokenMs: number | undefined): void;
  failed(error: ModelError, coolMs: number): void;
  /** It was called off, which says nothing about the deployment. */
  ended(): void;
}

interface Known {
  inFlight: number;
  cooling: Cooldown | undefined;
  firstTokenMs: number | undefined;
  measuredAt: number;
  answered: number;
  failed: number;
  lastFailure: string | undefined;
}

/** Weight of the newest answer in the moving average: about the last six count. */
const NEWEST = 0.3;
/** A slow deployment that nobody asks any more is measured again after this long. */
const MEASURED_FOR_MS = 5 * 60_000;

/** `now`: milliseconds since 1970. */
export function createHealth(now: () => number): Health {
  const all = new Map<string, Known>();
  const changed = new Emitter<void>();

  const known = (deployment: string): Known => {
    let found = all.get(deployment);
    if (!found) {
      found = {
        inFlight: 0,
        cooling: undefined,
        firstTokenMs: undefined,
        measuredAt: 0,
        answered: 0,
        failed: 0,
        lastFailure: undefined,
      };
      all.set(deployment, found);
    }
    return found;
  };

  return {
    onDidChange: changed.event,
    of: (deployment) => {
      const { measuredAt, ...health } = known(deployment);
      const at = now();
      return {
        ...health,
        cooling: health.cooling && health.cooling.until > at ? health.cooling : undefined,
        firstTokenMs: at - measuredAt < MEASURED_FOR_MS ? health.firstTokenMs : undefined,
      };
    },
    began: (deployment) => {
      const it = known(deployment);
      it.inFlight += 1;
      let open = true;
      const end = (): boolean => {
        if (!open) return false;
        open = false;
        it.inFlight -= 1;
        return true;
      };
      changed.fire();
      return {
        answered: (firstTokenMs) => {
          if (!end()) return;
          it.answered += 1;
          it.cooling = undefined;
          if (firstTokenMs !== undefined) {
            const before = it.firstTokenMs ?? firstTokenMs;
            it.firstTokenMs = before + NEWEST * (firstTokenMs - before);
            it.measuredAt = now();
          }
          changed.fire();
        },
        failed: (error, coolMs) => {
          if (!end()) return;
          it.failed += 1;
          it.lastFailure = error.message;
          if (coolMs > 0) it.cooling = cooldownOf(error, now() + coolMs);
          changed.fire();
        },
        ended: () => {
          if (end()) changed.fire();
        },
      };
    },
    endCooldown: (deployment) => {
      known(deployment).cooling = undefined;
      changed.fire();
    },
    endCooldowns: () => {
      for (const one of all.values()) one.cooling = undefined;
      changed.fire();
    },
  };
}

function cooldownOf({ kind, status, retryAfterMs }: ModelError, until: number): Cooldown {
  const reason = status === undefined ? kind : `${kind} ${status}`;
  return { until, reason, asked: retryAfterMs !== undefined };
}
