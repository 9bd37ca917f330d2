import { actionFor } from './errors.ts';
import { ModelError, type ModelErrorKind } from './model-error.ts';
import type { Deployment } from './provider.ts';

export interface FailedDeployment {
  readonly deployment: Deployment;
  readonly error: ModelError;
}

/** What a person can act on comes first; what passes by itself comes last. */
const MOST_TELLING: readonly ModelErrorKind[] = [
  'auth',
  'context-length',
  'content-policy',
  'bad-request',
  'rate-limit',
  'overloaded',
  'bad-response',
  'stall',
  'timeout',
  'network',
  'no-route',
  'cancelled',
];

/** One error for a route of which every deployment failed. It names each of them and why. */
export function allFailed(route: string, failed: readonly FailedDeployment[]): ModelError {
  const ranked = [...failed].sort((a, b) => rank(a.error.kind) - rank(b.error.kind));
  const telling = ranked[0]?.error;
  const reasons = failed.map(
    ({ deployment, error }) => `${deployment.id}: ${error.message.replace(/\.\s*$/, '')}`,
  );
  return new ModelError(
    telling?.kind ?? 'no-route',
    `No model of the route “${route}” could answer. ${reasons.join('; ')}.`,
    telling?.action ?? actionFor('no-route'),
    {
      ...(telling?.status === undefined ? {} : { status: telling.status }),
      ...(telling?.retryAfterMs === undefined ? {} : { retryAfterMs: telling.retryAfterMs }),
    },
  );
}

function rank(kind: ModelErrorKind): number {
  return MOST_TELLING.indexOf(kind);
}
