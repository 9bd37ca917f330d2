import { DEFAULT_MODELS, limitsOf, TASK_TYPES, type TaskType } from './catalogue.ts';
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
import type { ConfiguredDeployment, ConfiguredRoute, RouteConfig } from './configured-deployment.ts';
import type { Deployment } from './provider.ts';
import type { Route, RouteDeployment, Routes } from './route.ts';

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
  /** 1 where nothing is said. */
  readonly weight?: number;
  /** Tokens, where the configuration says it. */
  readonly contextWindow?: number;
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
  const configured = sources.config?.routes ?? new Map<string, ConfiguredRoute>();
  const found = await atHand(sources, configured);
  const origins: RouteOrigin[] = [];
  const routes = new Map<string, Route>();
  const add = (name: string, own: readonly RouteOrigin[], how: Omit<Route, 'name' | 'deployments'>): void => {
    origins.push(...own);
    routes.set(name, { name, deployments: own.map(entryOf), ...how });
  };
  for (const [name, { deployments, ...how }] of configured) {
    const own: RouteOrigin[] = [];
    for (const wanted of deployments) {
      const { weight, contextWindow } = wanted;
      const window = contextWindow === undefined ? {} : { contextWindow };
      own.push({ ...(await fromConfig(name, wanted, sources)), weight, ...window });
    }
    add(name, own, how);
  }
  for (const task of TASK_TYPES) {
    if (configured.has(task)) continue;
    add(
      task,
      found.map((source) => source(task)),
      { strategy: 'ordered', ...(task === 'long-context' ? {} : { onContextLength: 'long-context' }) },
    );
  }
  return { routes, origins, demoOnly: origins.every(({ deployment }) => deployment.provider === 'demo') };
}

function entryOf({ deployment, weight = 1, contextWindow }: RouteOrigin): RouteDeployment {
  const known = contextWindow ?? limitsOf(deployment.model)?.contextWindow;
  // The demo model reads what it needs, however long it is.
  return { deployment, weight, contextWindow: deployment.provider === 'demo' ? undefined : known };
}

type Source = (task: TaskType) => RouteOrigin;

/** Ollama is asked only when it could matter, since a machine without it may take the whole time limit to say so. */
async function atHand(
  sources: RouteSources,
  configured: ReadonlyMap<string, ConfiguredRoute>,
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
  const { provider, model, baseUrl, keyName, api, price } = wanted;
  const known = {
    ...{ id, provider, model },
    ...(api === undefined ? {} : { api }),
    ...(price === undefined ? {} : { price }),
  };
  if (provider === 'demo' || provider === 'vscode') return { route, from, deployment: known };
  if (provider === 'ollama') return configuredOllama({ route, from, deployment: known }, baseUrl, sources);
  const origin = originOf(baseUrl ?? DEFAULT_ORIGINS[provider]) ?? DEFAULT_ORIGINS[provider];
  const address = baseUrl === undefined ? {} : { baseUrl };
  if (keyName !== undefined) {
    const bound = boundKeyName(keyName, origin);
    const deployment = { ...known, ...address, keyName: bound };
    const isSet = hasText(await sources.keys.get(bound));
    return {
      route,
      from,
      deployment,
      ...(isSet ? {} : { problem: `There is no key. ${howToSetKey(bound)}` }),
    };
  }
  // Any other address is one that the workspace file chose: no key of the user's goes there.
  if (origin !== DEFAULT_ORIGINS[provider]) return { route, from, deployment: { ...known, ...address } };
  const account = await defaultAccount(provider, sources);
  if (account === undefined) {
    const problem = `There is no key. ${howToSetKey(provider)}`;
    return { route, from, problem, deployment: { ...known, ...address, keyName: provider } };
  }
  const its = account.baseUrl === undefined ? address : { baseUrl: account.baseUrl };
  return { route, from, deployment: { ...known, ...its, keyName: account.keyName } };
}

/** Unique among all that a configuration can say, so that health and spending are counted for the right one. */
function idOf({ id, baseUrl, keyName }: ConfiguredDeployment): string {
  const at = baseUrl === undefined ? id : `${id} at ${baseUrl}`;
  return keyName === undefined ? at : `${at} (key ${keyName})`;
}

async function configuredOllama(
  { route, from, deployment }: RouteOrigin,
  baseUrl: string | undefined,
  sources: RouteSources,
): Promise<RouteOrigin> {
  if (baseUrl !== undefined) return { route, from, deployment: { ...deployment, baseUrl } };
  const ollama = await sources.probeOllama();
  if (ollama !== undefined) return { route, from, deployment: { ...deployment, baseUrl: ollama.baseUrl } };
  return { route, from, deployment, problem: 'No Ollama answers. Start it, or set OLLAMA_HOST.' };
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
