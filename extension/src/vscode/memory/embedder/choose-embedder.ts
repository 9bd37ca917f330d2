import * as vscode from 'vscode';
import { isStrataError } from '../../../base/errors.ts';
import {
  embedderFrom,
  readEmbedderSetting,
  type EmbedderSetting,
} from '../../../core/memory/embedding/index.ts';
import { formatBytes, formatDuration } from '../../../protocol/format.ts';
import type { CommandArguments } from '../../commands/arguments.ts';
import { withProgress } from '../../with-progress.ts';
import type { MemoryPorts } from '../memory-ports.ts';
import { askEmbedder } from './ask-embedder.ts';

const SETTING = 'strata.memory.embedder';

/** A person picks what makes vectors of their files; it is tried, and then written into their settings. */
export async function chooseEmbedder(ports: MemoryPorts, args: CommandArguments): Promise<unknown> {
  const setting = await askEmbedder(args, inUse());
  if (!setting) {
    await write(undefined);
    void vscode.window.showInformationMessage('Search is by keyword now. Nothing leaves this machine.');
    ports.refresh();
    return { embedder: null };
  }
  const tried = await tryIt(ports, setting);
  await write(setting);
  const facts = tried
    ? `${tried.dimension} dimensions, ${formatDuration(tried.ms)} for a text. `
    : 'It was not tried, since no folder is open. ';
  void vscode.window.showInformationMessage(
    `${setting.model} is in use. ${facts}Files are embedded in the background; what is not yet is found by keyword.`,
  );
  ports.refresh();
  return { embedder: setting, ...tried };
}

interface Tried {
  readonly dimension: number;
  readonly ms: number;
}

/** One short text, in the memory's process. A key that is missing is asked for once. Without a folder there is no memory to try it. */
async function tryIt(ports: MemoryPorts, setting: EmbedderSetting): Promise<Tried | undefined> {
  const config = await embedderFrom(setting, ports.embedding).catch(async (error: unknown) => {
    const noKey = setting.provider === 'openai' && isStrataError(error) && error.code === 'embedder-auth';
    if (!noKey || setting.keyName !== undefined) throw error;
    await vscode.commands.executeCommand('strata.setApiKey', { provider: 'openai' });
    return embedderFrom(setting, ports.embedding);
  });
  const [folder] = (await ports.find()).folders;
  if (!folder) return undefined;
  return withProgress(`Trying ${setting.model}`, ({ signal, say }) =>
    folder.memory.tryEmbedder(config, {
      signal,
      onLoading: ({ done, total }) => say(`${formatBytes(done)} of ${formatBytes(total)} downloaded`),
    }),
  );
}

/** What is wrong with the setting is no reason not to choose another one. */
function inUse(): EmbedderSetting | undefined {
  try {
    return readEmbedderSetting(vscode.workspace.getConfiguration().get<unknown>(SETTING));
  } catch {
    return undefined;
  }
}

async function write(setting: EmbedderSetting | undefined): Promise<void> {
  await vscode.workspace.getConfiguration().update(SETTING, setting, vscode.ConfigurationTarget.Global);
}
