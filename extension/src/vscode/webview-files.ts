import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { panelPage } from './webview-page.ts';

/** A bundle of the webviews, `<name>.js` and `<name>.css`, and what is written on its tab before it is loaded. */
interface Bundle {
  readonly name: 'trace' | 'metrics' | 'compare';
  readonly title: string;
}

/** Hidden panels are rebuilt when they are shown again (no `retainContextWhenHidden`): their state costs a few bytes. */
export function webviewOptions(extensionUri: vscode.Uri): vscode.WebviewOptions {
  return { enableScripts: true, enableForms: false, localResourceRoots: [bundleFolder(extensionUri)] };
}

export function pageOf(webview: vscode.Webview, extensionUri: vscode.Uri, { name, title }: Bundle): string {
  const uri = (file: string) =>
    webview.asWebviewUri(vscode.Uri.joinPath(bundleFolder(extensionUri), file)).toString();
  return panelPage({
    title,
    cspSource: webview.cspSource,
    scriptUri: uri(`${name}.js`),
    styleUri: uri(`${name}.css`),
    nonce: randomBytes(16).toString('base64url'),
  });
}

function bundleFolder(extensionUri: vscode.Uri): vscode.Uri {
  return vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
}
