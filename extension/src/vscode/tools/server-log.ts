import * as vscode from 'vscode';
import { plainText } from '../../core/orchestration/walk/plain-text.ts';

/** What was done with servers and what they said meanwhile, in an output channel that is made at its first line. */
export class ServerLog implements vscode.Disposable {
  #channel: vscode.OutputChannel | undefined;

  line(server: string, text: string): void {
    const time = new Date().toLocaleTimeString();
    for (const line of plainText(text).trimEnd().split('\n'))
      this.#open().appendLine(`${time} [${server}] ${line}`);
  }

  show(): void {
    this.#open().show(true);
  }

  dispose(): void {
    this.#channel?.dispose();
  }

  #open(): vscode.OutputChannel {
    this.#channel ??= vscode.window.createOutputChannel('Strata Tools');
    return this.#channel;
  }
}
