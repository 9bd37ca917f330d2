import * as vscode from 'vscode';
import * as z from 'zod';
import { StrataError } from '../../base/errors.ts';
import type { FolderTools } from '../tools/folder-tools.ts';
import { answering, answerOf, signalOf, textAnswer } from './answer.ts';

/** The server ends a command after ten minutes by itself. */
const LIMIT_MS = 11 * 60_000;
const input = z.object({ command: z.string().min(1), folder: z.string().exactOptional() });

type Given = Readonly<Pick<vscode.LanguageModelToolInvocationOptions<object>, 'input'>>;

/** The person sees the whole command before it runs. */
export function prepareRunCommand(given: Given): vscode.PreparedToolInvocation {
  const parsed = input.safeParse(given.input);
  const command = parsed.success ? parsed.data.command : '';
  return {
    invocationMessage: 'Running a command in the sandbox',
    confirmationMessages: {
      title: 'Run a command in Strata’s sandbox?',
      message: new vscode.MarkdownString()
        .appendMarkdown('It runs in a container without a network, on a copy of the folder:\n\n')
        .appendCodeblock(command, 'sh'),
    },
  };
}

export function runCommand(
  find: () => Promise<readonly FolderTools[]>,
  given: Given,
  token: vscode.CancellationToken,
): Promise<vscode.LanguageModelToolResult> {
  return answering(async () => {
    if (!vscode.workspace.isTrusted)
      return textAnswer('This folder is not trusted, so no command runs. A person has to trust it first.');
    const { command, folder: wanted } = input.parse(given.input);
    const folders = await find();
    const folder = wanted === undefined ? folders[0] : folders.find((one) => fits(one, wanted));
    if (!folder) throw folderUnknown(wanted, folders);
    const { result } = await folder.host.call(
      'shell_run',
      { command },
      { signal: signalOf(token, LIMIT_MS), onOutput: () => undefined },
    );
    return answerOf(result);
  });
}

function fits({ folder, name }: FolderTools, wanted: string): boolean {
  return folder === wanted || name === wanted;
}

function folderUnknown(wanted: string | undefined, folders: readonly FolderTools[]): StrataError {
  return new StrataError(
    'folder-not-open',
    wanted === undefined ? 'No folder is open.' : `The folder ${wanted} is not open.`,
    folders.length === 0
      ? 'A person has to open one first.'
      : `Name one of: ${folders.map(({ name }) => name).join(', ')}.`,
  );
}
