import path from 'node:path';
import { findNodeAtLocation, parseTree } from 'jsonc-parser';
import * as vscode from 'vscode';
import { StrataError } from '../../base/errors.ts';
import { placeIn } from '../place-in.ts';
import { chooseServer, chooseToolFolder } from './choose-server.ts';
import type { ToolsCommand } from './server-actions.ts';

/** Opens the place in a file that defines the server, or that a mistake is about. */
export const openServerDefinition: ToolsCommand = async (ports, args) => {
  const mistake = args.text === undefined ? undefined : placeIn(args.text);
  if (mistake) {
    const { folder } = await chooseToolFolder(ports.find, args);
    const place = new vscode.Position(Math.max(0, mistake.line - 1), Math.max(0, mistake.column - 1));
    return open(path.resolve(folder, mistake.file), () => place);
  }
  const { folder, state } = await chooseServer(
    ports.find,
    args,
    'MCP server',
    ({ definition }) => definition.origin !== 'built-in',
  );
  const { name, origin, file } = state.definition;
  if (origin === 'user') {
    await vscode.commands.executeCommand('workbench.action.openSettingsJson', {
      revealSetting: { key: 'strata.tools.servers', edit: true },
    });
    return { server: name };
  }
  if (origin === 'built-in') {
    throw new StrataError(
      'server-built-in',
      `The MCP server ${name} comes with Strata, so no file defines it.`,
      'What it may have can be changed in .strata/tools.jsonc.',
    );
  }
  return open(path.resolve(folder.folder, file ?? '.mcp.json'), (document) => placeOf(document, name));
};

async function open(
  file: string,
  where: (document: vscode.TextDocument) => vscode.Position,
): Promise<unknown> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(file));
  const place = where(document);
  await vscode.window.showTextDocument(document, { selection: new vscode.Range(place, place) });
  return { file, line: place.line + 1 };
}

function placeOf(document: vscode.TextDocument, server: string): vscode.Position {
  const tree = parseTree(document.getText(), [], { allowTrailingComma: true });
  const found = ['mcpServers', 'servers']
    .map((key) => tree && findNodeAtLocation(tree, [key, server]))
    .find((node) => node !== undefined);
  return document.positionAt(found?.parent?.offset ?? 0);
}
