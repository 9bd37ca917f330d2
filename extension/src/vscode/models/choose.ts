import * as vscode from 'vscode';
import { StrataError } from '../../base/errors.ts';
import type { BudgetState, DeploymentState, ModelsState } from '../../core/models/index.ts';
import { chooseFound } from '../choose-found.ts';
import type { CommandArguments } from '../commands/arguments.ts';
import { given } from '../dismissed.ts';
import { budgetDescription, budgetName } from './budget-words.ts';
import { deploymentDescription, deploymentLabel } from './deployment-words.ts';
import type { FolderModels, FoundModels } from './folder-models.ts';

type Find = () => Promise<FoundModels>;

const NO_FOLDER = 'No folder is open, and routes of models belong to a folder.';

export function chooseModelFolder(find: Find, args: CommandArguments): Promise<FolderModels> {
  return chooseFound(find, args.folder, NO_FOLDER);
}

export interface ChosenDeployment {
  readonly folder: FolderModels;
  readonly state: DeploymentState;
}

/** The deployment that was named by its id, or one that the person picks among those that fit. */
export async function chooseDeployment(
  find: Find,
  args: CommandArguments,
  placeHolder: string,
  fits: (state: DeploymentState) => boolean = () => true,
): Promise<ChosenDeployment> {
  const folder = await chooseModelFolder(find, args);
  const all = deploymentsOf(await folder.desk.state());
  if (args.deployment !== undefined) {
    const found = all.find(({ state }) => state.deployment.id === args.deployment);
    if (found) return { folder, state: found.state };
    throw new StrataError(
      'deployment-not-found',
      `There is no deployment ${args.deployment} in ${folder.name}.`,
      `There are: ${all.map(({ state }) => state.deployment.id).join(', ') || 'none'}.`,
    );
  }
  const now = Date.now();
  const items = all
    .filter(({ state }) => fits(state))
    .map(({ state, routes }) => ({
      label: deploymentLabel(state.deployment),
      description: deploymentDescription(state, now),
      detail: `${routes.length === 1 ? 'Route' : 'Routes'} ${routes.join(', ')} · from ${state.from}`,
      state,
    }));
  if (items.length === 0) {
    throw new StrataError(
      'no-deployment',
      'There is no model deployment for that here.',
      'Look at the Models view for what there is.',
    );
  }
  const options = { placeHolder, matchOnDescription: true, matchOnDetail: true };
  return { folder, state: given(await vscode.window.showQuickPick(items, options)).state };
}

interface Listed {
  readonly state: DeploymentState;
  readonly routes: readonly string[];
}

/** Each once, with the routes that it serves. */
function deploymentsOf({ routes }: ModelsState): readonly Listed[] {
  const found = new Map<string, { readonly state: DeploymentState; readonly routes: string[] }>();
  for (const { name, deployments } of routes) {
    for (const state of deployments) {
      const known = found.get(state.deployment.id);
      if (!known) found.set(state.deployment.id, { state, routes: [name] });
      else if (!known.routes.includes(name)) known.routes.push(name);
    }
  }
  return [...found.values()];
}

export interface ChosenBudget {
  readonly folder: FolderModels;
  readonly state: BudgetState;
}

/** The budget that was named by its scope, or one that the person picks. What each run has for itself is raised by resuming it. */
export async function chooseBudget(find: Find, args: CommandArguments): Promise<ChosenBudget> {
  const folder = await chooseModelFolder(find, args);
  const budgets = (await folder.desk.state()).budgets.filter(({ scope }) => scope !== 'run');
  const { scope, name = '' } = args;
  if (scope !== undefined) {
    const state = budgets.find((one) => one.scope === scope && one.name === name);
    if (state) return { folder, state };
    throw new StrataError(
      'budget-not-found',
      `There is no budget “${[scope, name].filter(Boolean).join(' ')}” in ${folder.name}.`,
      'Set one under "budgets" in .strata/models.jsonc.',
    );
  }
  if (budgets.length === 0) {
    throw new StrataError(
      'no-budget',
      'No budget is set here that could be raised.',
      'Set one under "budgets" in .strata/models.jsonc.',
    );
  }
  const items = budgets.map((state) => ({
    label: budgetName(state),
    description: budgetDescription(state),
    state,
  }));
  const placeHolder = 'Budget of which as much again may be spent';
  return { folder, state: given(await vscode.window.showQuickPick(items, { placeHolder })).state };
}
