import * as vscode from 'vscode';
import type { DeploymentTest } from '../../core/models/index.ts';
import { formatDuration } from '../../protocol/format.ts';
import type { CommandArguments } from '../commands/arguments.ts';
import { dialogText } from '../plain-labels.ts';
import { requireTrust } from '../require-trust.ts';
import { withProgress } from '../with-progress.ts';
import { chooseDeployment, type ChosenDeployment } from './choose.ts';
import { deploymentLabel } from './deployment-words.ts';
import type { ModelsPorts } from './models-ports.ts';
import { money } from './money.ts';
import { takesKey } from './where-written.ts';

/** Asks a deployment for one word, and says how it answered. */
export async function testDeployment(ports: ModelsPorts, args: CommandArguments): Promise<DeploymentTest> {
  requireTrust();
  const chosen = await chooseDeployment(ports.find, args, 'Model deployment to ask for one word');
  const { deployment } = chosen.state;
  try {
    const result = await withProgress(`Asking ${deploymentLabel(deployment)} for one word`, ({ signal }) =>
      chosen.folder.desk.test(deployment.id, AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)])),
    );
    void tell(chosen, result).catch(ports.report);
    return result;
  } finally {
    ports.refresh();
  }
}

/** A local model may have to be loaded first. */
const LIMIT_MS = 3 * 60_000;

async function tell({ folder, state }: ChosenDeployment, result: DeploymentTest): Promise<void> {
  const { deployment } = state;
  const label = deploymentLabel(deployment);
  if (result.ok) {
    const facts = [
      ...(result.firstTokenMs === undefined
        ? []
        : [`${formatDuration(result.firstTokenMs)} to its first token`]),
      result.usd === undefined ? 'not priced' : result.usd === 0 ? 'free' : `it cost ${money(result.usd)}`,
    ];
    const as = result.model === deployment.model ? '' : ` as ${dialogText(result.model, 100)}`;
    void vscode.window.showInformationMessage(`${label} answered${as}: ${facts.join(', ')}.`);
    return;
  }
  const setKey = 'Set API Key…';
  const aboutKey = takesKey(deployment) && /\bkey\b/i.test(result.action);
  const chosen = await vscode.window.showErrorMessage(
    dialogText(`${label} did not answer. ${reasonIn(result.message, deployment.id)} ${result.action}`, 1000),
    ...(aboutKey ? [setKey] : []),
  );
  if (chosen === setKey) {
    const given = { folder: folder.folder, deployment: deployment.id };
    await vscode.commands.executeCommand('strata.setApiKey', given);
  }
}

/** Errors of a route name each deployment; here there is one, which was just named. */
function reasonIn(message: string, id: string): string {
  return message.startsWith(`${id}: `) ? message.slice(id.length + 2) : message;
}
