import assert from 'node:assert/strict';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import * as z from 'zod';
import type { StrataApi } from '../../../extension/src/vscode/api.ts';

const extension = (): vscode.Extension<StrataApi> => {
  const found = vscode.extensions.getExtension<StrataApi>('strata.strata');
  assert.ok(found, 'the extension is not there');
  return found;
};

export const strata = async (): Promise<StrataApi> => await extension().activate();

/** The bundles of the extension that this process has loaded. */
export function loadedBundles(): string[] {
  const dist = path.join(extension().extensionPath, 'dist') + path.sep;
  const files = Object.keys(require.cache).filter((file) => file.startsWith(dist));
  return files.map((file) => file.slice(dist.length)).sort();
}

/** Native modules of LanceDB in this process, of which there may never be one. */
export function loadedNatives(): string[] {
  return Object.keys(require.cache).filter((file) => file.endsWith('.node') && /lancedb/.test(file));
}

const runResult = z.object({ run: z.string(), status: z.string() });

export async function runAgent(agent: string, task: string): Promise<z.infer<typeof runResult>> {
  return runResult.parse(
    await vscode.commands.executeCommand('strata.runAgent', { agent, task, wait: true }),
  );
}

/** The messages that the extension shows while `work` goes on, in place of being shown. */
export async function messagesDuring(work: () => PromiseLike<unknown>): Promise<string[]> {
  const shown: string[] = [];
  const window: { showErrorMessage: unknown } = vscode.window;
  const original = window.showErrorMessage;
  window.showErrorMessage = (text: string): Promise<undefined> => {
    shown.push(text);
    return Promise.resolve(undefined);
  };
  try {
    await work();
  } finally {
    window.showErrorMessage = original;
  }
  return shown;
}

export const workspace = (): string => {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  assert.ok(folder, 'no folder is open');
  return folder;
};

/** What the workbench does, it tells the extension host a moment later. */
export async function becomes(condition: () => boolean, state: () => string): Promise<void> {
  for (let tries = 0; tries < 100 && !condition(); tries += 1) await delay(100);
  assert.ok(condition(), state());
}
