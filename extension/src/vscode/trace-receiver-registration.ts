import * as vscode from 'vscode';
import type { Receiver } from '../node/otlp/index.ts';
import type { Sessions } from './sessions.ts';

export interface TraceReceiverHost {
  readonly sessions: Sessions;
  readonly log: vscode.LogOutputChannel;
  readonly report: (error: unknown) => void;
}

const SETTING = 'strata.observability.receiver';

/**
 * Receives traces of other programs on the loopback address while the setting is on, for the first folder of the window. An item of
 * the status bar says where, since the usual port may be taken by another window.
 */
export function registerTraceReceiver({ sessions, log, report }: TraceReceiverHost): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('strata.receiver', vscode.StatusBarAlignment.Right);
  item.name = 'Strata: Trace Receiver';
  let disposed = false;
  let open: Receiver | undefined;
  let working: Promise<void> = Promise.resolve();

  const close = async (): Promise<void> => {
    item.hide();
    const closing = open;
    open = undefined;
    await closing?.close();
  };
  const follow = async (): Promise<void> => {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    const isOn = vscode.workspace.getConfiguration().get(SETTING) === true;
    const wanted = !disposed && isOn && folder?.uri.scheme === 'file';
    if (!wanted) return close();
    if (open) return;
    const { core } = await sessions.get(folder);
    open = await core.receiveTraces((text) => log.warn(text));
    log.info(`Traces are received at ${open.origin}.`);
    item.text = `$(radio-tower) ${open.port}`;
    item.tooltip = `Strata receives traces at ${open.origin} and shows them as runs of ${folder.name}. Set OTEL_EXPORTER_OTLP_ENDPOINT to it, with the protocol http/protobuf or http/json.`;
    item.accessibilityInformation = { label: `Traces are received on port ${open.port}` };
    item.show();
  };
  /** One change after the other: what was begun must be there to be ended. */
  const change = (): void => {
    working = working.then(follow).catch(report);
  };
  change();
  return vscode.Disposable.from(
    item,
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(SETTING)) change();
    }),
    vscode.workspace.onDidChangeWorkspaceFolders(() => {
      // The folder that it was for is closed with its receiver.
      working = working.then(close).catch(report);
      change();
    }),
    {
      dispose: () => {
        disposed = true;
        change();
      },
    },
  );
}
