import type { Route, RouteDeployment } from '../../core/models/index.ts';
import { AUTO, limitsOf } from '../../core/models/index.ts';

/** A route as the editor lists it among its models. */
export interface LentModel {
  readonly id: string;
  readonly name: string;
  readonly family: string;
  readonly version: string;
  readonly detail: string;
  readonly tooltip: string;
  readonly maxInputTokens: number;
  readonly maxOutputTokens: number;
  readonly capabilities: { readonly toolCalling: boolean; readonly imageInput: boolean };
}

/** Where nobody knows: what most models of 2026 hold at least. */
const UNKNOWN = { contextWindow: 128_000, maxOutput: 8_192 };

export function describeRoute(
  { name, strategy, deployments }: Route,
  version: string,
): LentModel | undefined {
  const [first] = deployments;
  if (!first) return undefined;
  const { contextWindow, maxOutput } = roomOf(first);
  // Of small windows the answer may take half.
  const maxOutputTokens = Math.min(maxOutput, Math.floor(contextWindow / 2));
  const ids = deployments.map(({ deployment }) => deployment.id);
  return {
    id: name,
    name: `Strata: ${name}`,
    family: 'strata',
    version,
    detail: first.deployment.provider === 'demo' ? 'the offline demo model' : first.deployment.id,
    tooltip: `Strata’s route “${name}” (${strategy}): ${ids.join(', ')}. With fallbacks, budgets and a trace.`,
    maxInputTokens: contextWindow - maxOutputTokens,
    maxOutputTokens,
    capabilities: { toolCalling: true, imageInput: deployments.every(({ deployment }) => sees(deployment)) },
  };
}

/** The route that is picked for each request, with the room of the largest that it could be. */
export function describeAuto(lent: readonly LentModel[]): LentModel | undefined {
  const [first, ...rest] = lent;
  if (!first) return undefined;
  const largest = rest.reduce((best, one) => (one.maxInputTokens > best.maxInputTokens ? one : best), first);
  return {
    ...largest,
    id: AUTO,
    name: `Strata: ${AUTO}`,
    detail: 'a route for each request',
    tooltip: 'Strata picks the route for each request by what it asks, and says why in its trace.',
    capabilities: {
      toolCalling: true,
      imageInput: lent.every(({ capabilities }) => capabilities.imageInput),
    },
  };
}

function roomOf({ deployment, contextWindow }: RouteDeployment): typeof UNKNOWN {
  const known = limitsOf(deployment.model);
  return {
    contextWindow: contextWindow ?? known?.contextWindow ?? UNKNOWN.contextWindow,
    maxOutput: known?.maxOutput ?? UNKNOWN.maxOutput,
  };
}

/** The demo model reads texts, and of local models nobody says it. */
function sees({ provider }: RouteDeployment['deployment']): boolean {
  return provider !== 'demo' && provider !== 'ollama';
}
