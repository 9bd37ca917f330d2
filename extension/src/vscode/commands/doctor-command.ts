import * as vscode from 'vscode';
import { strataHome } from '../../node/home.ts';
import { chooseFolder } from './choose.ts';
import type { Command } from './context.ts';

export const doctor: Command = async (context, args) => {
  const session = await chooseFolder(context, args);
  const { asMarkdown, diagnose } = await import('../../doctor.ts');
  const checks = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: 'Strata: checking the set-up' },
    () => diagnose(session.core, strataHome(), context.version),
  );
  const document = await vscode.workspace.openTextDocument({
    language: 'markdown',
    content: `# Strata: Doctor\n\n${asMarkdown(checks)}`,
  });
  await vscode.window.showTextDocument(document, { preview: true });
  return checks;
};
