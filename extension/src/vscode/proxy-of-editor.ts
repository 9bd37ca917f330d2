import * as vscode from 'vscode';

/** The proxy of the editor's settings, as variables, for processes of our own. Without one those of the environment hold. */
export function proxyOfEditor(): Readonly<Record<string, string | undefined>> {
  const settings = vscode.workspace.getConfiguration('http');
  const proxy = settings.get<string>('proxy')?.trim() ?? '';
  if (settings.get<string>('proxySupport') === 'off') return {};
  if (proxy === '') return process.env;
  const exempt = settings.get<readonly string[]>('noProxy') ?? [];
  return { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, NO_PROXY: exempt.join(',') };
}
