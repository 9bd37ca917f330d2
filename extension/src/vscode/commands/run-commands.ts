import * as vscode from 'vscode';
import type { FolderSession } from '../folder-session.ts';
import { chooseFolder, chooseRun } from './choose.ts';
import { given } from '../dismissed.ts';
import type { Command } from './context.ts';
import { follow } from './follow.ts';
import { pickRoute } from './pick-route.ts';
import { requireTrust } from '../require-trust.ts';

export const runAgent: Command = async (context, args) => {
  requireTrust();
  const session = await chooseFolder(context, args);
  const agent = args.agent ?? (await pickAgent(session));
  const route = args.route === undefined ? {} : { route: args.route };
  const task = args.task ?? (await askTask(agent));
  return follow(context, session, await session.core.start({ agent, task, ...route }), args.wait ?? false);
};

export const runAgentWithModel: Command = async (context, args) => {
  requireTrust();
  const session = await chooseFolder(context, args);
  const agent = args.agent ?? (await pickAgent(session));
  const route = args.route ?? (await pickRoute(session));
  return runAgent(context, { ...args, folder: session.folder, agent, route });
};

export const resumeRun: Command = async (context, args) => {
  requireTrust();
  const { session, run } = await chooseRun(context, args, 'Run to resume', ({ status }) =>
    ['paused', 'interrupted', 'stopped'].includes(status),
  );
  return follow(context, session, await session.core.resume(run), args.wait ?? false);
};

export const openTrace: Command = async (context, args) => {
  const { session, run } = await chooseRun(context, args, 'Run to open');
  (await context.panels()).open(run, args.step === undefined ? {} : { step: args.step });
  return { run, folder: session.folder };
};

async function pickAgent(session: FolderSession): Promise<string> {
  const { agents, workflows, mistakes } = await session.core.agents();
  const named = ({ name, description }: { readonly name: string; readonly description: string }) => ({
    label: name,
    detail: description,
  });
  const broken = [...mistakes].map(([name, mistake]) => ({
    label: name,
    description: '$(error) has a mistake',
    detail: mistake.message,
  }));
  const picked = await vscode.window.showQuickPick(
    [
      ...group('agents', [...agents.values()].map(named)),
      ...group('workflows', [...workflows.values()].map(named)),
      ...group('with mistakes', broken),
    ],
    { placeHolder: workflows.size > 0 ? 'Agent or workflow' : 'Agent', title: 'Run Agent' },
  );
  return given(picked).label;
}

function group(label: string, items: readonly vscode.QuickPickItem[]): readonly vscode.QuickPickItem[] {
  if (items.length === 0) return [];
  return [{ label, kind: vscode.QuickPickItemKind.Separator }, ...items];
}

async function askTask(agent: string): Promise<string> {
  const task = await vscode.window.showInputBox({
    title: `Run Agent: ${agent}`,
    prompt: 'What shall it do?',
    placeHolder: 'Make the failing test pass',
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === '' ? 'Say what the agent shall do.' : undefined),
  });
  return given(task).trim();
}
