import * as vscode from 'vscode';
import { Emitter } from '../base/event.ts';
import type { RunEvent, RunId } from '../protocol/run-event.ts';
import type { StrataFolder } from '../folder.ts';
import { FolderSession } from './folder-session.ts';

/** The folders of this window that Strata has been used on, opened at their first use. */
export class Sessions implements vscode.Disposable {
  readonly #open: (folder: string) => Promise<StrataFolder>;
  readonly #sessions = new Map<string, Promise<FolderSession>>();
  readonly #ready: FolderSession[] = [];
  #troubles: readonly unknown[] = [];
  readonly #appended = new Emitter<readonly RunEvent[]>();
  /** Events of all folders, from this process and from others. An empty list says that something else has changed. */
  readonly onDidAppend = this.#appended.event;
  readonly #begun = new Emitter<void>();
  /** A folder was opened. */
  readonly onDidOpen = this.#begun.event;

  constructor(open: (folder: string) => Promise<StrataFolder>) {
    this.#open = open;
  }

  get(folder: vscode.WorkspaceFolder): Promise<FolderSession> {
    const path = folder.uri.fsPath;
    const known = this.#sessions.get(path);
    if (known) return known;
    const opening = this.#begin(path, folder.name);
    this.#sessions.set(path, opening);
    // A folder that could not be opened may be put right, so the next use tries again.
    opening.catch(() => this.#sessions.delete(path));
    return opening;
  }

  /** All that can be opened. One that cannot must not keep the others away; `troubles` says what is wrong with it. */
  async all(): Promise<FolderSession[]> {
    const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
    const opened = await Promise.allSettled(folders.map((folder) => this.get(folder)));
    this.#troubles = opened.flatMap((result) =>
      result.status === 'rejected' ? [result.reason as unknown] : [],
    );
    return opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  }

  /** Why folders of this window could not be opened, when they were last asked for. */
  get troubles(): readonly unknown[] {
    return this.#troubles;
  }

  get opened(): readonly FolderSession[] {
    return this.#ready;
  }

  /** Among those that are open already. */
  owning(run: RunId): FolderSession | undefined {
    return this.#ready.find((session) => session.has(run));
  }

  async closeRemoved(removed: readonly vscode.WorkspaceFolder[]): Promise<void> {
    await Promise.all(removed.map(({ uri }) => this.#close(uri.fsPath)));
  }

  cutOff(): void {
    for (const session of this.#ready.splice(0)) session.cutOff();
    this.#sessions.clear();
  }

  dispose(): void {
    this.#appended.dispose();
    this.#begun.dispose();
  }

  async #begin(path: string, name: string): Promise<FolderSession> {
    const session = new FolderSession(await this.#open(path), name);
    session.onDidAppend((events) => this.#appended.fire(events));
    this.#ready.push(session);
    this.#begun.fire();
    return session;
  }

  async #close(path: string): Promise<void> {
    const opening = this.#sessions.get(path);
    this.#sessions.delete(path);
    const session = await opening?.catch(() => undefined);
    if (!session) return;
    this.#ready.splice(this.#ready.indexOf(session), 1);
    await session.close();
  }
}
