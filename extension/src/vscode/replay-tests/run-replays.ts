import * as vscode from 'vscode';
import { isStrataError } from '../../base/errors.ts';
import type { RecordingCheck } from '../../node/recordings/index.ts';
import type { StepView } from '../../protocol/run-view.ts';
import { stepLabel } from '../../protocol/step-label.ts';

/** Replays what was asked for, one after the other; each takes well under a second, so they are called off between two. */
export async function runReplays(
  controller: vscode.TestController,
  request: vscode.TestRunRequest,
  token: vscode.CancellationToken,
): Promise<void> {
  const all: vscode.TestItem[] = [];
  controller.items.forEach((item) => all.push(item));
  const left = new Set(request.exclude);
  const items = (request.include ?? all).filter((item) => !left.has(item));
  const run = controller.createTestRun(request);
  try {
    for (const item of items) run.enqueued(item);
    for (const item of items) {
      if (token.isCancellationRequested) run.skipped(item);
      else await replayOne(run, item);
    }
  } finally {
    run.end();
  }
}

async function replayOne(run: vscode.TestRun, item: vscode.TestItem): Promise<void> {
  const { uri } = item;
  if (!uri) return;
  const { checkRecordingFile } = await import('../../node/recordings/index.ts');
  const shown = vscode.workspace.asRelativePath(uri);
  const began = performance.now();
  const say = (text: string): void => run.appendOutput(`${inTerminal(text)}\r\n`, undefined, item);
  run.started(item);
  say(shown);
  try {
    const check = await checkRecordingFile(uri.fsPath, shown, (step) => say(stepLine(step)));
    const duration = performance.now() - began;
    say(lastLine(check));
    if (check.divergence) run.failed(item, messageOf(check.divergence, uri), duration);
    else run.passed(item, duration);
  } catch (error) {
    if (!isStrataError(error)) throw error;
    const message = new vscode.TestMessage(`${error.message}\n${error.action}`);
    message.location = new vscode.Location(uri, placeIn(error.message));
    say(error.message);
    run.errored(item, message, performance.now() - began);
  }
}

function messageOf(
  { message, recorded, actual, place }: NonNullable<RecordingCheck['divergence']>,
  uri: vscode.Uri,
): vscode.TestMessage {
  const shown = vscode.TestMessage.diff(message, recorded, actual);
  const { start, end } = place;
  const range = new vscode.Range(start.line, start.character, end.line, end.character);
  shown.location = new vscode.Location(uri, range);
  return shown;
}

function stepLine(step: StepView): string {
  const { title, detail } = stepLabel(step);
  return [`  ${step.id.padStart(5)}`, title, detail].filter(Boolean).join(' ');
}

function lastLine({ verdict, steps, divergence }: RecordingCheck): string {
  if (divergence)
    return `${divergence.message}.\nrecorded:\n${divergence.recorded}\nreplayed:\n${divergence.actual}`;
  const far = verdict === 'equal' ? 'equal to the recording' : 'equal as far as the recording goes';
  return `${steps} steps, ${far}`;
}

/** The line that a message about a file names, as `file:12: …`. */
function placeIn(message: string): vscode.Position {
  const line = Number(/:(\d+): /.exec(message)?.[1] ?? '1');
  return new vscode.Position(Math.max(0, line - 1), 0);
}

/** The output is shown in a terminal: recorded text must not control it. */
function inTerminal(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '').replaceAll('\n', '\r\n');
}
