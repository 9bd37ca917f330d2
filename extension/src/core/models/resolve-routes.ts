import { DEFAULT_MODELS, TASK_TYPES, type TaskType } from './catalogue.ts';
import {
  boundKeyName,
  DEFAULT_ORIGINS,
  environmentKeyName,
  hasText,
  howToSetKey,
  originOf,
  type Environment,
  type Keys,
} from './keys.ts';
import type { Deployment } from './provider.ts';
import type { RouteConfig, ConfiguredDeployment } from './configured-deployment.ts';
import type { Routes } from './router.ts';

export interface OllamaModel {
  readonly name: string;
  /** Whether it can call tools; `undefined` when the server does not say. */
  readonly tools: boolean | undefined;
}

export interface Ollama {
  readonly baseUrl: string;
  readonly models: readonly OllamaModel[];
}

/** Asks the Ollama of this machine what it has; `undefined` when none answers in time. */
export type ProbeOllama = () => Promise<Ollama | undefined>;

export interface RouteSources {
  /** `.strata/models.jsonc`, already read. */
  readonly config?: RouteConfig | undefined;
  readonly keys: Keys;
  readonly env: Environment;
  readonly probeOllama: ProbeOllama;
}

/** One line of the models view and the doctor. */
export interface RouteOrigin {
  readonly route: string;
  readonly deployment: Deployment;
  /** Where it comes from, such as `OPENAI_API_KEY` or `.strata/models.jsonc`. */
  readonly from: string;
  /** Why it cannot be used now, and what to do about it. */
  readonly problem?: string;
}

export interface ResolvedRoutes {
  readonly routes: Routes;
  readonly origins: readonly RouteOrigin[];
  /** Nothing real is at hand: every route is the demo model. */
  readonly demoOnly: boolean;
}

export const DEMO_DEPLOYMENT: Deployment = { id: 'demo/demo', provider: 'demo', model: 'demo' };

/** Which deployments serve which task type: as configured, otherwise from what is at hand. */
export async function resolveRoutes(given: RouteSources): Promise<ResolvedRoutes> {
  let probed: Promise<Ollama | undefined> | undefined;
  const sources: RouteSources = { ...given, probeOllama: () => (probed ??= given.probeOllama()) };
  const configured = sources.config?.routes ?? new Map<string, readonly ConfiguredDeployment[]>();
  const found = await atHand(sources, configured);
  const origins: RouteOrigin[] = [];
  for (const task of TASK_TYPES) {
    if (!configured.has(task)) origins.push(...found.map((source) => source(task)));
  }
  for (const [route, deployments] of configured) {
    for (const wanted of deployments) origins.push(await fromConfig(route, wanted, sources));
  }
  const routes = new Map<string, readonly Deployment[]>([...configured.keys()].map((route) => [route, []]));
  for (const origin of origins) {
    routes.set(origin.route, [...(routes.get(origin.route) ?? []), origin.deployment]);
  }
  return { routes, origins, demoOnly: origins.every(({ deployment }) => deployment.provider === 'demo') };
}

type Source = (task: TaskType) => RouteOrigin;

/** Ollama is asked only when it could matter, since a machine without it may take the whole time limit to say so. */
async function atHand(
  sources: RouteSources,
  configured: ReadonlyMap<string, readonly ConfiguredDeployment[]>,
): Promise<readonly Source[]> {
  if (TASK_TYPES.every((task) => configured.has(task))) return [];
  const found: Source[] = [];
  for (const provider of ['anthropic', 'openai'] as const) {
    const account = await defaultAccount(provider, sources);
    if (account === undefined) continue;
    const { from, ...address } = account;
    found.push((route) => {
      const model = DEFAULT_MODELS[route][provider];
      return { route, from, deployment: { id: `${provider}/${model}`, provider, model, ...address } };
    });
  }
  // A small local model in the place of a large one would finish a task badly without anyone having asked for it.
  if (found.length > 0) return found;
  const ollama = await sources.probeOllama();
  const model = ollama === undefined ? undefined : bestOf(ollama.models);
  if (ollama !== undefined && model !== undefined) found.push((route) => ollamaOrigin(route, ollama, model));
  if (found.length === 0 && configured.size === 0) {
    return [
      (route) => ({ route, from: 'built in, since no real model is at hand', deployment: DEMO_DEPLOYMENT }),
    ];
  }
  return found;
}

interface Account {
  readonly keyName: string;
  readonly baseUrl?: string;
  readonly from: string;
}

/** A stored key goes to the provider itself; a key of the environment to the address that stands beside it there. */
async function defaultAccount(
  provider: 'openai' | 'anthropic',
  { keys, env }: RouteSources,
): Promise<Account | undefined> {
  if (hasText(await keys.get(provider))) return { keyName: provider, from: 'a stored key' };
  const variable = provider === 'openai' ? 'OPENAI_API_KEY' : 'ANTHROPIC_API_KEY';
  if (!hasText(env[variable])) return undefined;
  const baseUrl = env[provider === 'openai' ? 'OPENAI_BASE_URL' : 'ANTHROPIC_BASE_URL'];
  const keyName = environmentKeyName(provider);
  return hasText(baseUrl) ? { keyName, baseUrl, from: variable } : { keyName, from: variable };
}

async function fromConfig(
  route: string,
  wanted: ConfiguredDeployment,
  sources: RouteSources,
): Promise<RouteOrigin> {
  const from = sources.config?.file ?? 'configuration';
  const id = idOf(wanted);
  const { provider, model } = wanted;
  if (provider === 'demo') return { route, from, deployment: { id, provider, model } };
  if (provider === 'ollama') return configuredOllama({ route, from, id, model }, wanted.baseUrl, sources);
  const origin = originOf(wanted.baseUrl ?? DEFAULT_ORIGINS[provider]) ?? DEFAULT_ORIGINS[provider];
  const baseUrl = wanted.baseUrl === undefined ? {} : { baseUrl: wanted.baseUrl };
  if (wanted.keyName !== undefined) {
    const keyName = boundKeyName(wanted.keyName, origin);
    const deployment = { id, provider, model, ...baseUrl, keyName };
    const known = hasText(await sources.keys.get(keyName));
    return {
      route,
      from,
      deployment,
      ...(known ? {} : { problem: `There is no key. ${howToSetKey(keyName)}` }),
    };
  }
  // Any other address is one that the workspace file chose: no key of the user's goes there.
  if (origin !== DEFAULT_ORIGINS[provider])
    return { route, from, deployment: { id, provider, model, ...baseUrl } };
  const account = await defaultAccount(provider, sources);
  if (account === undefined) {
    const problem = `There is no key. ${howToSetKey(provider)}`;
    return { route, from, problem, deployment: { id, provider, model, ...baseUrl, keyName: provider } };
  }
  const address = account.baseUrl === undefined ? baseUrl : { baseUrl: account.baseUrl };
  return { route, from, deployment: { id, provider, model, ...address, keyName: account.keyName } };
}

/** Unique among all that a configuration can say, so that health and spending are counted for the right one. */
function idOf({ id, baseUrl, keyName }: ConfiguredDeployment): string {
  const at = baseUrl === undefined ? id : `${id} at ${baseUrl}`;
  return keyName === undefined ? at : `${at} (key ${keyName})`;
}

async function configuredOllama(
  at: { readonly route: string; readonly from: string; readonly id: string; readonly model: string },
  baseUrl: string | undefined,
  sources: RouteSources,
): Promise<RouteOrigin> {
  const { route, from, id, model } = at;
  if (baseUrl !== undefined) return { route, from, deployment: { id, provider: 'ollama', model, baseUrl } };
  const ollama = await sources.probeOllama();
  if (ollama !== undefined)
    return { route, from, deployment: { id, provider: 'ollama', model, baseUrl: ollama.baseUrl } };
  return {
    route,
    from,
    deployment: { id, provider: 'ollama', model },
    problem: 'No Ollama answers. Start it, or set OLLAMA_HOST.',
  };
}

function ollamaOrigin(route: TaskType, ollama: Ollama, model: string): RouteOrigin {
  const deployment: Deployment = {
    id: `ollama/${model}`,
    provider: 'ollama',
    model,
    baseUrl: ollama.baseUrl,
  };
  return { route, from: `Ollama at ${ollama.baseUrl}`, deployment };
}

/** An agent is of no use without tools, so a model that is known to call them wins over one that may. */
function bestOf(models: readonly OllamaModel[]): string | undefined {
  const able = models.find(({ tools }) => tools === true) ?? models.find(({ tools }) => tools === undefined);
  return (able ?? models[0])?.name;
}
