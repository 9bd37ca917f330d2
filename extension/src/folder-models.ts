import { Disposables } from './base/disposable.ts';
import type { Disposable } from './base/disposable.ts';
import { Emitter } from './base/event.ts';
import { isStrataError } from './base/errors.ts';
import { createDemoProvider } from './core/models/demo/demo-provider.ts';
import {
  createBudgetDesk,
  createHealth,
  findRoute,
  isAuto,
  isModelError,
  limitsFor,
  NOTHING_SPENT,
  raised,
  readBudgetReason,
  shareOf,
} from './core/models/index.ts';
import type {
  Budgets,
  BudgetScope,
  BudgetState,
  BudgetWarning,
  DeploymentState,
  Health,
  Limit,
  Models,
  ModelsDesk,
  Payer,
  ResolvedRoutes,
  RouteConfig,
  RouteOrigin,
  Spent,
} from './core/models/index.ts';
import { DEFAULT_LIMITS } from './core/orchestration/index.ts';
import type { RunInput } from './core/orchestration/index.ts';
import { readFolderConfig, resolveFolderRoutes } from './folder-routes.ts';
import type { FolderRoutesHost } from './folder-routes.ts';
import { createModels, sleep } from './node/providers/index.ts';
import { openLedger } from './node/sqlite/index.ts';
import type { RunId } from './protocol/run-event.ts';

/** What the editor or the terminal gives to the models of a folder. */
export interface FolderModelsHost extends FolderRoutesHost {
  readonly onBudget?: (warning: BudgetWarning) => void;
}

export interface FolderModelsParts {
  readonly folder: string;
  /** Of the ledger that all folders share. */
  readonly ledgerPath: string;
  readonly host: FolderModelsHost;
  readonly demoPace: (signal: AbortSignal) => Promise<void>;
}

export interface FolderModels extends ModelsDesk, Disposable {
  config(): Promise<RouteConfig | undefined>;
  routes(): Promise<ResolvedRoutes>;
  /** For one run; what it calls is paid by the run that a person started. */
  forRun(run: RunId, input: RunInput): Promise<Models>;
  /** Throws when there is no such route or model. */
  mustHave(route: string): Promise<void>;
  /** Lets a run go on that had paused for the sake of a budget: if that is still spent, as much may be spent again. */
  allowAgain(run: RunId, input: RunInput, reason: string): Promise<void>;
  /** How often a person has let the run's budget be spent again. */
  timesAllowed(run: RunId, input: RunInput): number;
}

const OF_THE_RUN = { scope: 'run', name: '' } as const;
const NO_BUDGETS: Budgets = { agents: new Map(), routes: new Map() };
const TEST_QUESTION = 'Answer with the word “yes” and nothing else.';
/** Reasoning models think before the one word that they are asked for. */
const TEST_TOKENS = 1_000;
/** The spender of what no run pays. */
const NO_RUN = 'none';

/** The models of a folder, wired to their keys, the ledger and the health that all runs share. */
export function folderModels(parts: FolderModelsParts): FolderModels {
  const { folder, host } = parts;
  const { env, keys, editorModels } = host;
  const health = createHealth(Date.now);
  const ledger = openLedger(parts.ledgerPath);
  const changed = new Emitter<void>();
  const watched = new Disposables();
  watched.add(health.onDidChange(() => changed.fire()));
  if (editorModels) watched.add(editorModels.onDidChange(() => changed.fire()));

  const config = (): Promise<RouteConfig | undefined> => readFolderConfig(folder, host);
  const resolve = (known: RouteConfig | undefined): Promise<ResolvedRoutes> =>
    resolveFolderRoutes(known, host);

  const modelsFor = (
    { routes }: ResolvedRoutes,
    known: RouteConfig | undefined,
    budgets: Budgets,
    spender: { readonly run: string; readonly agent: string },
  ): Models =>
    createModels({
      routes,
      autoAsks: known?.autoAsks ?? false,
      keys,
      env,
      health,
      openDemo: () => Promise.resolve(createDemoProvider({ pace: parts.demoPace })),
      ...(editorModels ? { openEditorModel: (deployment) => editorModels.open(deployment) } : {}),
      budget: {
        spender: { ...spender, folder },
        desk: createBudgetDesk({
          ledger,
          budgets,
          now: Date.now,
          sleep,
          onWarning: (warning) => host.onBudget?.(warning),
        }),
      },
    });

  const budgetStates = (budgets: Budgets): readonly BudgetState[] => {
    const state = (scope: BudgetScope, name: string): BudgetState[] => {
      const payer: Payer = { run: NO_RUN, folder, agent: name, route: name };
      return limitsFor(budgets, payer)
        .filter((at) => at.scope === scope)
        .map(({ limit }) => ({
          scope,
          name,
          limit: raised(limit, ledger.allowed(scope, payer, Date.now())),
          spent: ledger.spentUnder(scope, payer, Date.now()),
        }));
    };
    return [
      ...state('day', ''),
      ...state('workspace', ''),
      ...[...budgets.agents.keys()].flatMap((name) => state('agent', name)),
      ...[...budgets.routes.keys()].flatMap((name) => state('route', name)),
    ];
  };

  return {
    config,
    routes: async () => resolve(await config()),
    onDidChange: changed.event,
    mustHave: async (route) => {
      const { routes } = await resolve(await config());
      if (!isAuto(routes, route)) findRoute(routes, route);
    },
    forRun: async (run, input) => {
      const known = await config();
      const budgets: Budgets = {
        ...(known?.budgets ?? NO_BUDGETS),
        run: budgetOf(input),
      };
      const spender = { run: input.root ?? run, agent: nameOf(input) };
      return modelsFor(await resolve(known), known, budgets, spender);
    },
    allowAgain: async (run, input, reason) => {
      // The breaker counts what the run's own log says, and has asked by itself.
      const isBreaker = reason === 'breaker-cost';
      const paused = isBreaker ? OF_THE_RUN : readBudgetReason(reason);
      if (!paused) return;
      const { scope, name } = paused;
      const payer: Payer = { run: input.root ?? run, folder, agent: name, route: name };
      if (!isBreaker) {
        const budgets = { ...((await config())?.budgets ?? NO_BUDGETS), run: budgetOf(input) };
        const at = limitsFor(budgets, payer).find((one) => one.scope === scope);
        if (!at) return;
        const limit = raised(at.limit, ledger.allowed(scope, payer, Date.now()));
        // A new day has begun since, or a person has allowed more already.
        if (shareOf(limit, ledger.spentUnder(scope, payer, Date.now())) < 1) return;
      }
      ledger.allowMore(scope, payer, Date.now());
      changed.fire();
    },
    timesAllowed: (run, input) =>
      ledger.allowed('run', { run: input.root ?? run, folder, agent: '', route: '' }, Date.now()),
    state: async () => {
      const known = await config();
      const { routes, origins, demoOnly } = await resolve(known);
      const today = ledger.spentByDeployment(folder, Date.now());
      return {
        routes: [...routes.values()].map(({ name, strategy }) => ({
          name,
          strategy,
          deployments: origins
            .filter(({ route }) => route === name)
            .map((origin) => deploymentState(origin, health, today.get(origin.deployment.id))),
        })),
        demoOnly,
        today: ledger.spentUnder('day', { run: NO_RUN, folder, agent: '', route: '' }, Date.now()),
        budgets: budgetStates(known?.budgets ?? NO_BUDGETS),
      };
    },
    test: async (deployment, signal) => {
      const known = await config();
      // What no run pays is held to no budget of runs.
      const { run: _, ...budgets } = known?.budgets ?? NO_BUDGETS;
      const spender = { run: NO_RUN, agent: 'test' };
      const models = modelsFor(await resolve(known), known, budgets, spender);
      health.endCooldown(deployment);
      try {
        const { model, firstTokenMs, cost } = await models.chat({
          route: deployment,
          messages: [{ role: 'user', content: [{ type: 'text', text: TEST_QUESTION }] }],
          tools: [],
          maxOutputTokens: TEST_TOKENS,
          signal,
          onText: () => undefined,
          onNote: () => undefined,
        });
        return { ok: true, model, firstTokenMs, usd: 'usd' in cost ? cost.usd : undefined };
      } catch (error) {
        if (signal.aborted || !isStrataError(error)) throw error;
        const message = isModelError(error) ? shortened(error.message) : error.message;
        return { ok: false, message, action: error.action };
      }
    },
    endCooldown: (deployment) => health.endCooldown(deployment),
    keysChanged: () => health.endCooldowns(),
    allowMore: (scope, name) => {
      ledger.allowMore(scope, { run: NO_RUN, folder, agent: name, route: name }, Date.now());
      changed.fire();
      return Promise.resolve();
    },
    dispose: () => {
      watched.dispose();
      changed.dispose();
      ledger.dispose();
    },
  };
}

function deploymentState(
  { deployment, from, problem }: RouteOrigin,
  health: Health,
  today: Spent = NOTHING_SPENT,
): DeploymentState {
  const { cooling, firstTokenMs, lastFailure, ...counts } = health.of(deployment.id);
  return {
    ...{ deployment, from, today, ...counts },
    ...(problem === undefined ? {} : { problem }),
    ...(cooling ? { cooling } : {}),
    ...(firstTokenMs === undefined ? {} : { firstTokenMs }),
    ...(lastFailure === undefined ? {} : { lastFailure }),
  };
}

function budgetOf({ budget }: RunInput): Limit {
  return budget ?? { usd: DEFAULT_LIMITS.usd };
}

function nameOf({ program }: RunInput): string {
  switch (program.kind) {
    case 'agent':
      return program.agent.name;
    case 'workflow':
      return program.workflow.name;
    case 'gateway':
      return program.client.name;
    case 'chat':
      return program.client;
  }
}

/** The route is the deployment itself here, so its own reason says all. */
function shortened(message: string): string {
  return message.replace(/^No model of the route “[^”]*” could answer\. /, '');
}
