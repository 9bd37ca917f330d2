import * as vscode from 'vscode';
import {
  EMBEDDER_PROVIDERS,
  readEmbedderSetting,
  type EmbedderSetting,
} from '../../../core/memory/embedding/index.ts';
import { boundKeyName, originOf } from '../../../core/models/index.ts';
import { probeOllamaEmbedders } from '../../../node/providers/index.ts';
import type { CommandArguments } from '../../commands/arguments.ts';
import { given } from '../../dismissed.ts';
import { embedderRows, isLoopback } from './choices.ts';

const TITLE = 'Choose Embedder';
/** Under this name the key of a server of one's own is kept, bound to that server. */
const KEY_NAME = 'embedder';

/** What the arguments say, or what the person picks. */
export async function askEmbedder(
  args: CommandArguments,
  current: EmbedderSetting | undefined,
): Promise<EmbedderSetting | undefined> {
  const { provider, model = '', baseUrl } = args;
  if (provider === 'none') return undefined;
  if (EMBEDDER_PROVIDERS.some((one) => one === provider))
    return readEmbedderSetting({ provider, model, ...(baseUrl === undefined ? {} : { baseUrl }) });
  const rows = embedderRows(current, await probeOllamaEmbedders(process.env));
  const options = {
    title: TITLE,
    placeHolder: 'What finds what is said in other words?',
    ignoreFocusOut: true,
  };
  const { wanted } = given(await vscode.window.showQuickPick(rows, options));
  if (wanted === 'none') return undefined;
  if (wanted === 'ask-local')
    return { provider: 'transformers', model: await askModel('Xenova/bge-small-en-v1.5') };
  return wanted === 'ask-server' ? askServer() : wanted;
}

async function askServer(): Promise<EmbedderSetting> {
  const address = given(
    await vscode.window.showInputBox({
      ...{ title: TITLE, ignoreFocusOut: true },
      prompt: 'Address of the server. The text of your files is sent to it.',
      placeHolder: 'https://models.example.com/v1',
      validateInput: (text) =>
        originOf(text) === undefined ? 'An address such as https://models.example.com/v1' : undefined,
    }),
  );
  const model = await askModel('text-embedding-3-small');
  const setting = { provider: 'openai', model, baseUrl: address } as const;
  if (isLoopback(address) || !(await needsKey())) return setting;
  const name = boundKeyName(KEY_NAME, originOf(address) ?? address);
  await vscode.commands.executeCommand('strata.setApiKey', { provider: name });
  return { ...setting, keyName: KEY_NAME };
}

async function askModel(placeHolder: string): Promise<string> {
  const prompt = 'Name of the embedding model, as the server or the model hub calls it.';
  const validateInput = (text: string): string | undefined =>
    text.trim() === '' ? 'A model has a name.' : undefined;
  const options = { title: TITLE, prompt, placeHolder, validateInput, ignoreFocusOut: true };
  return given(await vscode.window.showInputBox(options)).trim();
}

async function needsKey(): Promise<boolean> {
  const items = [
    { label: 'It asks for a key…', needs: true },
    { label: 'It needs none', needs: false },
  ];
  const options = { title: TITLE, placeHolder: 'The server', ignoreFocusOut: true };
  return given(await vscode.window.showQuickPick(items, options)).needs;
}
