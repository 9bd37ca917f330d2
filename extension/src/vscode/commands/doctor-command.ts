import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { asMarkdown } from '../../core/doctor/report.ts';
import { strataHome } from '../../node/home.ts';
import { whileOpen } from '../while-open.ts';
import { chooseFolder } from './choose.ts';
import type { Command } from './context.ts';

export const doctor: Command = async (context, args) => {
  const session = await chooseFolder(context, args);
  const { diagnose } = await import('../../doctor.ts');
  const editor = `${vscode.env.appName} ${vscode.version}`;
  const checks = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: 'Strata: checking the set-up' },
    () => diagnose(session.core, { home: strataHome(), version: context.version, editor }),
  );
  const table = asMarkdown(checks, homedir());
  const document = await vscode.workspace.openTextDocument({
    language: 'markdown',
    content: `# Strata: Doctor\n\n${table}`,
  });
  await vscode.window.showTextDocument(document, { preview: true });
  void offer(context, table, checks.filter(({ state }) => state !== 'ok').length).catch(context.report);
  return checks;
};

async function offer({ log }: Parameters<Command>[0], table: string, problems: number): Promise<void> {
  const [copy, show] = ['Copy for a Bug Report', 'Show Log'];
  const found = problems === 0 ? 'Everything is in order.' : `${problems} of the checks found something.`;
  const chosen = await whileOpen(vscode.window.showInformationMessage(`Strata: ${found}`, copy, show));
  if (chosen === copy) await vscode.env.clipboard.writeText(table);
  if (chosen === show) log.show();
}
