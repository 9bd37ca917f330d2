import { assert } from '../../base/assert.ts';
import { accountAtHand, type AccountAtHand } from './accounts.ts';
import {
  ACCOUNTS,
  DEFAULTS,
  limitsOf,
  TASK_TYPES,
  type AccountName,
  type ModelAccount,
  type TaskType,
} from './catalogue.ts';
import {
  boundKeyName,
  DEFAULT_ORIGINS,
  ACCOUNT_NAMES,
  hasText,
  howToSetKey,
  originOf,
  type Environment,
  type Keys,
} from './keys.ts';
import type { ConfiguredDeployment, ConfiguredRoute, RouteConfig } from './configured-deployment.ts';
import {
  editorDeployment,
  editorModelFor,
  findEditorModel,
  type EditorModel,
  type EditorModels,
} from './editor-models.ts';
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
  /** Those of the editor; absent in a terminal. */
  readonly editorModels?: Pick<EditorModels, 'list'>;
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

/** Whether a route has a model that can be asked now and is not the demo. */
export function hasRealModel({ origins }: Pick<ResolvedRoutes, 'origins'>, route: string): boolean {
  return origins.some(
    (origin) =>
      origin.route === route && origin.deployment.provider !== 'demo' && origin.problem === undefined,
  );
}

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
  for (const [name, { file, deployments, ...how }] of configured) {
    const own: RouteOrigin[] = [];
    for (const wanted of deployments) {
      const { weight, contextWindow } = wanted;
      const window = contextWindow === undefined ? {} : { contextWindow };
      own.push({ ...(await fromConfig({ route: name, from: file }, wanted, sources)), weight, ...window });
    }
    add(name, own, how);
  }
  for (const task of TASK_TYPES) {
    if (configured.has(task)) continue;
    add(
      task,
      found.flatMap((source) => source(task)),
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

type Source = (task: TaskType) => readonly RouteOrigin[];

/** Ollama is asked only when it could matter, since a machine without it may take the whole time limit to say so. */
async function atHand(
  sources: RouteSources,
  configured: ReadonlyMap<string, ConfiguredRoute>,
): Promise<readonly Source[]> {
  if (TASK_TYPES.every((task) => configured.has(task))) return [];
  const found: Source[] = [];
  const accounts = await accountsAtHand(sources);
  if (accounts.size > 0) return [(route) => defaultOrigins(route, accounts)];
  // A small local model in the place of a large one would finish a task badly without anyone having asked for it, and those of
  // the editor are paid for by an account that was opened for something else.
  const ofEditor = (await sources.editorModels?.list()) ?? [];
  if (ofEditor.length > 0) return [(route) => [editorOrigin(route, ofEditor)]];
  const ollama = await sources.probeOllama();
  const model = ollama === undefined ? undefined : bestOf(ollama.models);
  if (ollama !== undefined && model !== undefined)
    found.push((route) => [ollamaOrigin(route, ollama, model)]);
  if (found.length === 0 && configured.size === 0) {
    return [
      (route) => [{ route, from: 'built in, since no real model is at hand', deployment: DEMO_DEPLOYMENT }],
    ];
  }
  return found;
}

async function accountsAtHand(sources: RouteSources): Promise<ReadonlyMap<AccountName, AccountAtHand>> {
  const found = new Map<AccountName, AccountAtHand>();
  for (const name of ACCOUNT_NAMES) {
    const account = await accountAtHand(name, sources);
    if (account) found.set(name, account);
  }
  return found;
}

/** The defaults of the catalogue whose key is at hand. */
function defaultOrigins(
  route: TaskType,
  accounts: ReadonlyMap<AccountName, AccountAtHand>,
): readonly RouteOrigin[] {
  const wanted = DEFAULTS[route].filter(({ account }) => accounts.has(account));
  const better = wanted.filter(({ alone }) => !alone);
  return (better.length > 0 ? better : wanted).flatMap(({ account, model }) => {
    const at = accounts.get(account);
    if (!at) return [];
    const { from, ...address } = at;
    return [{ route, from, deployment: { id: `${account}/${model}`, model, ...address } }];
  });
}

async function fromConfig(
  { route, from }: Pick<RouteOrigin, 'route' | 'from'>,
  wanted: ConfiguredDeployment,
  sources: RouteSources,
): Promise<RouteOrigin> {
  const id = idOf(wanted);
  const { provider, model, baseUrl, keyName, api, price } = wanted;
  const known = {
    ...{ id, provider, model },
    ...(api === undefined ? {} : { api }),
    ...(price === undefined ? {} : { price }),
  };
  if (provider === 'demo') return { route, from, deployment: known };
  if (provider === 'vscode') return configuredEditorModel({ route, from, deployment: known }, sources);
  if (provider === 'ollama') return configuredOllama({ route, from, deployment: known }, baseUrl, sources);
  const account = wanted.account ?? provider;
  const own = baseUrl ?? (ACCOUNTS[account] satisfies ModelAccount as ModelAccount).baseUrl;
  const origin = originOf(own ?? DEFAULT_ORIGINS[provider]) ?? DEFAULT_ORIGINS[provider];
  const address = own === undefined ? {} : { baseUrl: own };
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
  const isOfficial = baseUrl === undefined || origin === DEFAULT_ORIGINS[provider];
  if (!isOfficial) return { route, from, deployment: { ...known, ...address } };
  const at = await accountAtHand(account, sources);
  if (at === undefined) {
    const problem = `There is no key. ${howToSetKey(account)}`;
    return { route, from, problem, deployment: { ...known, ...address, keyName: account } };
  }
  const its = at.baseUrl === undefined ? address : { baseUrl: at.baseUrl };
  return { route, from, deployment: { ...known, ...its, keyName: at.keyName } };
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

async function configuredEditorModel(
  at: RouteOrigin,
  { editorModels }: Pick<RouteSources, 'editorModels'>,
): Promise<RouteOrigin> {
  if (!editorModels) return { ...at, problem: 'The models of VS Code can be used in VS Code alone.' };
  const models = await editorModels.list();
  const model = findEditorModel(models, at.deployment.model);
  if (model) return { ...at, contextWindow: model.maxInputTokens };
  const known = models.map((one) => editorDeployment(one).id).join(', ');
  return { ...at, problem: `VS Code has no such model. It has ${known === '' ? 'none' : known}.` };
}

/** There is one, or this is not called. */
function editorOrigin(route: TaskType, models: readonly EditorModel[]): RouteOrigin {
  const model = editorModelFor(route, models);
  assert(model, 'the editor has models');
  return {
    route,
    from: 'the models of VS Code',
    deployment: editorDeployment(model),
    contextWindow: model.maxInputTokens,
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
