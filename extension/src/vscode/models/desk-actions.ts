import * as vscode from 'vscode';
import { StrataError } from '../../base/errors.ts';
import type { CommandArguments } from '../commands/arguments.ts';
import { Dismissed } from '../dismissed.ts';
import { budgetDescription, budgetName } from './budget-words.ts';
import { chooseBudget, chooseDeployment } from './choose.ts';
import { deploymentLabel } from './deployment-words.ts';
import type { ModelsPorts } from './models-ports.ts';
import { limitWords } from './money.ts';
import { isCooling } from './next-call.ts';
import { keyNameFor } from './where-written.ts';

/** It is asked with the next call again. */
export async function endCooldown(ports: ModelsPorts, args: CommandArguments): Promise<unknown> {
  const { folder, state } = await chooseDeployment(
    ports.find,
    args,
    'Model deployment to ask again at once',
    (one) => isCooling(one, Date.now()),
  );
  folder.desk.endCooldown(state.deployment.id);
  ports.refresh();
  return { deployment: state.deployment.id };
}

/** Until the period is over, as much again may be spent. */
export async function allowMore(ports: ModelsPorts, args: CommandArguments): Promise<unknown> {
  const { folder, state } = await chooseBudget(ports.find, args);
  const { scope, name } = state;
  const label = budgetName(state);
  if (args.agreed !== true) {
    const allow = { title: 'Allow as Much Again' };
    const chosen = await vscode.window.showWarningMessage(
      `Allow more to be spent than the budget says (${label})?`,
      {
        modal: true,
        detail: `Spent so far: ${budgetDescription(state)}. As much again as the budget says may be spent until its period is over; the file stays as it is.`,
      },
      allow,
    );
    if (chosen !== allow) throw new Dismissed();
  }
  await folder.desk.allowMore(scope, name);
  ports.refresh();
  const after = (await folder.desk.state()).budgets.find((one) => one.scope === scope && one.name === name);
  void vscode.window.showInformationMessage(
    `The budget (${label}) is now ${limitWords(after?.limit ?? state.limit)}.`,
  );
  return { scope, name, limit: after?.limit };
}

/** The name under which the key of a deployment is kept. */
export async function keyNameOf(ports: ModelsPorts, args: CommandArguments): Promise<string> {
  const { state } = await chooseDeployment(
    ports.find,
    args,
    'Model deployment that the key is for',
    (one) => keyNameFor(one.deployment) !== undefined,
  );
  const name = keyNameFor(state.deployment);
  if (name !== undefined) return name;
  throw new StrataError(
    'deployment-without-key',
    `No key is sent to ${deploymentLabel(state.deployment)}.`,
    'If its server asks for one, give the deployment a "keyName" in .strata/models.jsonc.',
  );
}
