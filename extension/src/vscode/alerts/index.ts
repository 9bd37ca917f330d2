import * as vscode from 'vscode';
import { isStrataError, messageOf } from '../../base/errors.ts';
import { previewText, ruleMistakeText } from '../../core/observability/alerts/index.ts';
import { given } from '../dismissed.ts';
import { act } from './act.ts';
import { AlertsItem } from './alerts-item.ts';
import { AlertsView } from './alerts-view.ts';
import type { AlertsFolder } from './ports.ts';
import { WatchedFolder } from './watched-folder.ts';
import type { ShownAlert } from './watched-folder.ts';

export type { AlertsFolder } from './ports.ts';

export interface AlertsHost {
  readonly opened: () => readonly AlertsFolder[];
  readonly report: (error: unknown) => void;
  readonly log: vscode.LogOutputChannel;
}

export interface AlertsWindow extends vscode.Disposable {
  folderOf(folder: AlertsFolder): WatchedFolder;
  /** Looks at the rules of all folders that are open. */
  look(): Promise<void>;
  rulesChanged(): void;
  openAlerts(): Promise<readonly ShownAlert[]>;
  previewAlert(name: string | undefined): Promise<string>;
}

const PREVIEW_DAYS = 7;
const PREVIEW_LIMIT_MS = 60_000;

export function openAlertsWindow({ opened, report, log }: AlertsHost): AlertsWindow {
  const ending = new AbortController();
  const folders = new Map<string, WatchedFolder>();
  const item = new AlertsItem();
  const view = new AlertsView();
  const told = new Set<string>();
  const webhook = (): string =>
    vscode.workspace.getConfiguration('strata.observability').get('alertWebhook', '');

  const folderOf = (folder: AlertsFolder): WatchedFolder => {
    const known = folders.get(folder.folder) ?? new WatchedFolder(folder);
    folders.set(folder.folder, known);
    return known;
  };
  const watched = (): WatchedFolder[] => opened().map(folderOf);

  /** Once: a rule that cannot be read is looked at with each change otherwise. */
  const tellMistakes = ({ mistakes }: WatchedFolder): void => {
    const [first] = mistakes.map(ruleMistakeText).filter((text) => !told.has(text));
    for (const mistake of mistakes.map(ruleMistakeText)) {
      if (!told.has(mistake)) log.warn(`A rule for alerts cannot be read. ${mistake}`);
      told.add(mistake);
    }
    if (first !== undefined)
      void vscode.window.showWarningMessage(`A rule for alerts cannot be read, so it is left out. ${first}`);
  };

  return {
    folderOf,
    look: async () => {
      for (const folder of watched()) {
        try {
          const fired = await folder.look(Date.now(), ending.signal);
          for (const one of fired) {
            log.info(`Alert: ${one.textWithIds}`);
            act(one, { report, webhook, signal: ending.signal });
          }
        } catch (error) {
          if (ending.signal.aborted) return;
          // Looked at again with the next change; a message each time would be worse than no alert.
          log.warn(`Alerts of ${folder.folder.name} could not be looked at: ${describe(error)}`);
        }
        tellMistakes(folder);
      }
      const shown = watched().flatMap((folder) => folder.shown());
      item.update(shown);
      view.update(shown);
    },
    rulesChanged: () => {
      for (const folder of folders.values()) folder.forgetRules();
      told.clear();
    },
    openAlerts: async () => {
      const shown = watched().flatMap((folder) => folder.shown());
      if (shown.length === 0) {
        const rules = watched().reduce((sum, folder) => sum + folder.rules.length, 0);
        void vscode.window.showInformationMessage(
          rules === 0
            ? 'Nothing was looked at yet: run an agent first.'
            : `All is well: none of ${rules} rules warns.`,
        );
        return shown;
      }
      const picks = shown.map((alert) => ({
        label: `${alert.level === 'alert' ? '$(error)' : '$(warning)'} ${alert.name}`,
        description: new Date(alert.since).toLocaleString(),
        detail: alert.text,
        alert,
      }));
      const { alert } = given(
        await vscode.window.showQuickPick(picks, { title: 'Alerts', matchOnDetail: true }),
      );
      if (alert.run !== undefined)
        await vscode.commands.executeCommand('strata.openTrace', {
          run: alert.run,
          folder: alert.folder.folder,
        });
      else
        await vscode.commands.executeCommand('workbench.action.openSettings', 'strata.observability.alerts');
      return shown;
    },
    previewAlert: async (name) => {
      const picks = [];
      for (const folder of watched()) {
        await folder.readRules();
        for (const named of folder.rules)
          picks.push({
            label: named.name,
            description: named.rule.measure,
            detail: named.from,
            named,
            folder,
          });
      }
      const title = `Preview Alert: the last ${PREVIEW_DAYS} days`;
      const pick =
        picks.find(({ label }) => label === name) ??
        given(await vscode.window.showQuickPick(picks, { title }));
      const fired = await vscode.window.withProgress(
        {
          location: vscode.ProgressLocation.Notification,
          title: 'Strata: looking at earlier runs',
          cancellable: true,
        },
        (_progress, token) => {
          const stop = new AbortController();
          token.onCancellationRequested(() => stop.abort());
          const limit = AbortSignal.timeout(PREVIEW_LIMIT_MS);
          const signal = AbortSignal.any([stop.signal, limit, ending.signal]);
          return pick.folder.preview(pick.named, PREVIEW_DAYS, Date.now(), signal);
        },
      );
      const text = `${pick.label}: ${previewText(fired, PREVIEW_DAYS)}`;
      void vscode.window.showInformationMessage(text);
      return text;
    },
    dispose: () => {
      ending.abort();
      item.dispose();
      view.dispose();
    },
  };
}

function describe(error: unknown): string {
  return isStrataError(error) ? `${error.message} ${error.action}` : messageOf(error);
}
