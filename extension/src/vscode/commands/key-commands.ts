import * as vscode from 'vscode';
import { ACCOUNTS, boundKeyName, originOf } from '../../core/models/index.ts';
import { given } from '../dismissed.ts';
import type { Command } from './context.ts';

/** Sets, replaces or removes a key in SecretStorage. The key itself never is an argument: those end up in logs and files. */
export const setApiKey: Command = async (context, args) => {
  const { provider, deployment } = args;
  const name =
    provider ?? (deployment === undefined ? await pickName() : await context.models.keyNameOf(args));
  const key = await vscode.window.showInputBox({
    title: `API key for ${name}`,
    prompt: 'It is kept in the system’s secret storage. Leave it empty to remove the one that is there.',
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) => (/\s/.test(text.trim()) ? 'A key has no spaces or line breaks.' : undefined),
  });
  const trimmed = given(key).trim();
  if (trimmed === '') await context.keys.remove(name);
  else await context.keys.set(name, trimmed);
  void vscode.window.showInformationMessage(
    trimmed === '' ? `The key for ${name} is removed.` : `The key for ${name} is set.`,
  );
  context.models.refresh();
  return { provider: name, set: trimmed !== '' };
};

async function pickName(): Promise<string> {
  const other = { label: 'Another server…', name: undefined };
  const picked = given(
    await vscode.window.showQuickPick(
      [...Object.entries(ACCOUNTS).map(([name, { title }]) => ({ label: title, name })), other],
      { title: 'Set API Key', placeHolder: 'Whose key is it?' },
    ),
  );
  if (picked.name !== undefined) return picked.name;
  const keyName = given(
    await vscode.window.showInputBox({
      title: 'Set API Key',
      prompt: 'The "keyName" in .strata/models.jsonc',
    }),
  );
  const origin = given(
    await vscode.window.showInputBox({
      title: 'Set API Key',
      prompt: 'The server that the key may be sent to',
      placeHolder: 'https://models.example.com',
      validateInput: (text) =>
        URL.canParse(text) ? undefined : 'An address such as https://models.example.com',
    }),
  );
  return boundKeyName(keyName, originOf(origin) ?? origin);
}
