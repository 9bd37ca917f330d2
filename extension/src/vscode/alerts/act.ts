import * as vscode from 'vscode';
import { pausedByAlert, rootOf } from '../../core/observability/alerts/index.ts';
import { postWebhook } from '../../node/webhook.ts';
import { whileOpen } from '../while-open.ts';
import type { FiredAlert } from './watched-folder.ts';

const WEBHOOK_LIMIT_MS = 120_000;
const LOOKED_AT = 50;

export interface ActHost {
  readonly report: (error: unknown) => void;
  /** Of the user's own settings: a folder must not send anything anywhere. */
  readonly webhook: () => string;
  readonly signal: AbortSignal;
}

/** Does what the rule says about a level that was reached. A warning tells a person at most. */
export function act(fired: FiredAlert, { report, webhook, signal }: ActHost): void {
  const { rule, level, isQuiet } = fired;
  const actions = rule.rule.do;
  const isAlert = level === 'alert';
  const done = isAlert && (actions.includes('stop') || actions.includes('pause')) ? holdUp(fired) : '';
  if (actions.includes('notify') && (!isQuiet || done !== '')) void tell(fired, done).catch(report);
  if (!isAlert || !actions.includes('webhook') || isQuiet) return;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(WEBHOOK_LIMIT_MS)]);
  postWebhook(webhook(), messageOf(fired, done), { signal: limit }).catch((error: unknown) => {
    if (!signal.aborted) report(error);
  });
}

/** Pauses or stops the run that it is about, or all that this window works on. Returns a sentence about it. */
function holdUp({ rule, run, folder, text }: FiredAlert): string {
  const runs =
    run === undefined
      ? folder.list(LOOKED_AT).flatMap(({ id }) => folder.handle(id) ?? [])
      : [folder.handle(rootOf(run)) ?? folder.handle(run)].flatMap((handle) => handle ?? []);
  const isStop = rule.rule.do.includes('stop');
  for (const handle of runs) {
    if (isStop) handle.stop();
    else handle.pause(pausedByAlert(text));
  }
  const verb = isStop ? 'stopped' : 'paused';
  if (runs.length === 0) return '';
  return runs.length === 1 ? ` The run was ${verb}.` : ` ${runs.length} runs were ${verb}.`;
}

async function tell({ text, level, run, folder }: FiredAlert, done: string): Promise<void> {
  const [open, pause, all] = ['Open Trace', 'Pause Run', 'Show Alerts'];
  const atWork = () => (run === undefined ? undefined : (folder.handle(rootOf(run)) ?? folder.handle(run)));
  const show = level === 'alert' ? vscode.window.showErrorMessage : vscode.window.showWarningMessage;
  const ofRun = done === '' && atWork() ? [open, pause] : [open];
  const choices = run === undefined ? [all] : [...ofRun, all];
  const chosen = await whileOpen(show(`Strata: ${text}${done}`, ...choices));
  if (chosen === open)
    await vscode.commands.executeCommand('strata.openTrace', { run, folder: folder.folder });
  if (chosen === pause) atWork()?.pause();
  if (chosen === all) await vscode.commands.executeCommand('strata.openAlerts');
}

/** What the webhook gets: numbers and names, no content of a run. */
function messageOf({ name, level, textWithIds, value, run, since, folder }: FiredAlert, done: string) {
  return {
    ...{ source: 'strata', version: 1, rule: name, level, text: textWithIds + done, folder: folder.name },
    ...{ value: value ?? null, run: run ?? null, at: new Date(since).toISOString() },
  };
}
