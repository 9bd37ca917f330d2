import * as vscode from 'vscode';
import { messageOf } from '../../base/errors.ts';
import { createConversations, layOut, writeTranscript } from '../../core/orchestration/walk/index.ts';
import type { RunId } from '../../protocol/run-event.ts';
import { ReplaySession } from './session.ts';
import { findRun, linksIn } from './source.ts';
import type { ReplayLog, RunFolder } from './source.ts';
import { runOfAddress } from './transcript-address.ts';

export { transcriptLinks, transcriptSymbols } from './transcript-outline.ts';

/** The folders of the window, opened when a run is looked for. */
export type Folders = () => Promise<readonly RunFolder[]>;

/** An adapter in this process: all that it does is to read. */
export function createAdapter(folders: Folders, onOpened: () => void): vscode.DebugAdapter {
  const sent = new vscode.EventEmitter<vscode.DebugProtocolMessage>();
  const session = new ReplaySession({
    source: { find: async (run) => findRun(await folders(), run) },
    send: (message) => sent.fire(message),
    onOpened,
  });
  return {
    onDidSendMessage: sent.event,
    handleMessage: (message) => void session.handle(message),
    dispose: () => sent.dispose(),
  };
}

/** The text of the transcript at this address, or why there is none. */
export async function readTranscript(folders: Folders, uri: vscode.Uri): Promise<string> {
  const run = runOfAddress(uri.toString());
  const folder = run === undefined ? undefined : (await folders()).find((one) => one.has(run));
  if (run === undefined || !folder) return 'This run is not in an open folder.\n';
  try {
    return textOf(folder.log, run);
  } catch (error) {
    return `${messageOf(error)}\n`;
  }
}

/** The same of a run that is named by its id, the end of one, or `last`. Throws `run-not-found` or `run-ambiguous`. */
export async function readRun(folders: Folders, name: string): Promise<string> {
  const { log, run } = findRun(await folders(), name);
  return textOf(log, run);
}

function textOf(log: ReplayLog, run: RunId): string {
  const recording = layOut(run, log.read(run));
  if (!recording) return 'Nothing of this run is recorded.\n';
  const { getBlob } = log;
  return writeTranscript(recording, { getBlob, conversations: createConversations(getBlob) }, linksIn(log))
    .text;
}
