import type * as vscode from 'vscode';
import { whileOpen } from './while-open.ts';
import type { Keys } from '../core/models/index.ts';

const PREFIX = 'strata.key.';

/** Keys in VS Code's SecretStorage, by the names that deployments give them. */
export interface SecretKeys extends Keys {
  set(name: string, key: string): Promise<void>;
  remove(name: string): Promise<void>;
}

export function createSecretKeys(secrets: vscode.SecretStorage): SecretKeys {
  return {
    get: (name) => whileOpen(secrets.get(PREFIX + name)),
    set: async (name, key) => secrets.store(PREFIX + name, key),
    remove: async (name) => secrets.delete(PREFIX + name),
  };
}
