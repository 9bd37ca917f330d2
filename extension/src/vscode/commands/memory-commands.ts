import path from 'node:path';
import * as vscode from 'vscode';
import type { Hit } from '../../core/memory/index.ts';
import { chooseFolder } from './choose.ts';
import { given } from '../dismissed.ts';
import type { Command } from './context.ts';

const SHOWN_HITS = 30;
const LIMIT_MS = 60_000;

export const indexWorkspace: Command = async (context, args) => {
  const session = await chooseFolder(context, args);
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: `Indexing ${session.name}`, cancellable: true },
    async (progress, token) => {
      const stop = new AbortController();
      token.onCancellationRequested(() => stop.abort());
      let shown = 0;
      const report = await session.core.memory.index({
        signal: stop.signal,
        onProgress: ({ done, total }) => {
          const percent = total === 0 ? 100 : (done / total) * 100;
          progress.report({ message: `${done} of ${total} files`, increment: percent - shown });
          shown = percent;
        },
      });
      void vscode.window.showInformationMessage(`Indexed ${report.files} files in ${report.chunks} chunks.`);
      return report;
    },
  );
};

export const searchMemory: Command = async (context, args) => {
  const session = await chooseFolder(context, args);
  const query =
    args.query ??
    given(await vscode.window.showInputBox({ title: 'Search Memory', prompt: 'Words to look for' }));
  const hits = await session.core.memory.search(query, {
    limit: SHOWN_HITS,
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  if (args.query !== undefined) return hits;
  if (hits.length === 0) {
    const { files } = await session.core.memory.stats();
    const index = 'Index Workspace';
    const message = files === 0 ? 'This folder is not indexed yet.' : 'Nothing found.';
    const chosen = await vscode.window.showInformationMessage(message, ...(files === 0 ? [index] : []));
    if (chosen === index) await indexWorkspace(context, args);
    return hits;
  }
  const items = hits.map((hit) => ({
    label: hit.symbol ?? path.basename(hit.path),
    description: `${hit.path}:${hit.startLine}`,
    detail: hit.text.replace(/\s+/g, ' ').trim().slice(0, 120),
    hit,
  }));
  await reveal(
    session.folder,
    given(await vscode.window.showQuickPick(items, { placeHolder: `Found for “${query}”` })).hit,
  );
  return hits;
};

async function reveal(folder: string, hit: Hit): Promise<void> {
  const document = await vscode.workspace.openTextDocument(path.join(folder, hit.path));
  const selection = new vscode.Range(hit.startLine - 1, 0, hit.endLine - 1, 0);
  await vscode.window.showTextDocument(document, { selection });
}
