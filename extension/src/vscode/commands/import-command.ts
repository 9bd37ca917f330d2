import * as vscode from 'vscode';
import { given } from '../dismissed.ts';
import { withProgress } from '../with-progress.ts';
import { chooseFolder } from './choose.ts';
import type { Command } from './context.ts';
import { offer } from './follow.ts';

const LIMIT_MS = 10 * 60_000;

/** Shows traces of other programs, from a file of OTLP, as runs. */
export const importTrace: Command = async (context, args) => {
  const session = await chooseFolder(context, args);
  const file = args.file ?? (await pickFile());
  const { runs, unreadable } = await withProgress('Importing traces', ({ signal, say }) =>
    session.core.importTraces(file, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]),
      onProgress: (read, all) => say(`${Math.round((read / Math.max(1, all)) * 100)} %`),
    }),
  );
  context.refreshRuns();
  const [first] = runs;
  const left = unreadable === 0 ? '' : ` ${unreadable} spans or lines could not be read and were left out.`;
  const text = `Imported ${runs.length === 1 ? '1 trace' : `${runs.length} traces`}.${left}`;
  const open = { title: 'Open Trace', run: first?.run ?? '', command: 'strata.openTrace' };
  offer(context, vscode.window.showInformationMessage(text, ...(first ? [open] : [])));
  return { runs: runs.map(({ run }) => run), unreadable };
};

async function pickFile(): Promise<string> {
  const [picked] = given(
    await vscode.window.showOpenDialog({
      title: 'Import Traces',
      openLabel: 'Import',
      filters: { 'OTLP traces': ['json', 'jsonl', 'ndjson', 'pb', 'bin', 'otlp', 'gz'], 'All files': ['*'] },
    }),
  );
  return given(picked).fsPath;
}
