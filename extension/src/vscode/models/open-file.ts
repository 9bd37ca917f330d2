import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { StrataError } from '../../base/errors.ts';
import type { CommandArguments } from '../commands/arguments.ts';
import { placeIn } from '../place-in.ts';
import { chooseModelFolder } from './choose.ts';
import { EXAMPLE } from './example-file.ts';
import type { FolderModels } from './folder-models.ts';
import type { ModelsPorts } from './models-ports.ts';
import { offsetOf } from './place-of-route.ts';
import { isFile, isSetting } from './where-written.ts';

const FILE = '.strata/models.jsonc';

/** Opens the file of the routes; one that is not there yet begins as an example in comments. */
export async function openModels(ports: ModelsPorts, args: CommandArguments): Promise<unknown> {
  const { folder } = await chooseModelFolder(ports.find, args);
  const file = path.join(folder, FILE);
  await mkdir(path.dirname(file), { recursive: true });
  try {
    await writeFile(file, EXAMPLE, { flag: 'wx' });
  } catch (error) {
    const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    if (!isThere) throw error;
  }
  return show(file, () => new vscode.Position(0, 0));
}

/** Opens the place that defines a route or a deployment, or that a mistake is about. */
export async function openModelDefinition(ports: ModelsPorts, args: CommandArguments): Promise<unknown> {
  const folder = await chooseModelFolder(ports.find, args);
  const mistake = args.text === undefined ? undefined : placeIn(args.text);
  if (mistake && isFile(mistake.file)) {
    const place = new vscode.Position(Math.max(0, mistake.line - 1), Math.max(0, mistake.column - 1));
    return show(path.resolve(folder.folder, mistake.file), () => place);
  }
  if (mistake) return showSetting();
  const { route, deployment, from } = await definitionOf(folder, args);
  if (isSetting(from)) return showSetting();
  if (!isFile(from)) {
    throw new StrataError(
      'route-not-written',
      `The route ${route} follows from ${from}, so no file defines it.`,
      'Write it into .strata/models.jsonc to change it: “Strata: Open Models File”.',
    );
  }
  const file = path.resolve(folder.folder, from);
  const text = (await vscode.workspace.openTextDocument(vscode.Uri.file(file))).getText();
  const offset = offsetOf(text, route, deployment);
  // Routes of the user's settings serve beside those of the file.
  if (offset === undefined) return showSetting();
  return show(file, (document) => document.positionAt(offset));
}

async function definitionOf({ name, desk }: FolderModels, { route, deployment }: CommandArguments) {
  const { routes } = await desk.state();
  const found = routes.find(
    (one) =>
      (route === undefined || one.name === route) &&
      (deployment === undefined || one.deployments.some((state) => state.deployment.id === deployment)),
  );
  const states = found?.deployments ?? [];
  const state = states.find((one) => one.deployment.id === deployment) ?? states[0];
  if (found && state)
    return {
      route: found.name,
      deployment: deployment === undefined ? undefined : state.deployment,
      from: state.from,
    };
  throw new StrataError(
    'route-not-found',
    `There is no such model route in ${name}.`,
    `There are: ${routes.map((one) => one.name).join(', ') || 'none'}.`,
  );
}

async function showSetting(): Promise<unknown> {
  await vscode.commands.executeCommand('workbench.action.openSettingsJson', {
    revealSetting: { key: 'strata.models.routes', edit: true },
  });
  return { setting: 'strata.models.routes' };
}

async function show(
  file: string,
  where: (document: vscode.TextDocument) => vscode.Position,
): Promise<unknown> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(file));
  const place = where(document);
  await vscode.window.showTextDocument(document, { selection: new vscode.Range(place, place) });
  return { file, line: place.line + 1 };
}
