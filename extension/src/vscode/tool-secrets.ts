import type * as vscode from 'vscode';
import type { SignInStore } from '../core/tools/index.ts';
import { whileOpen } from './while-open.ts';

/** Values of the secrets of MCP servers, in VS Code's SecretStorage. Each belongs to one server of one folder. */
export interface ToolSecrets {
  get(owner: SecretOwner, name: string): Promise<string | undefined>;
  set(owner: SecretOwner, name: string, value: string): Promise<void>;
  remove(owner: SecretOwner, name: string): Promise<void>;
  /** Sign-ins (OAuth) of a folder's servers. */
  signIns(folder: string): SignInStore;
}

export interface SecretOwner {
  readonly folder: string;
  readonly server: string;
}

export function createToolSecrets(secrets: vscode.SecretStorage): ToolSecrets {
  // JSON keeps the parts apart, whatever is in them.
  const secretKey = ({ folder, server }: SecretOwner, name: string): string =>
    `strata.secret.${JSON.stringify([folder, server, name])}`;
  const signInKey = (folder: string, key: string): string =>
    `strata.sign-in.${JSON.stringify([folder, key])}`;
  return {
    get: (owner, name) => whileOpen(secrets.get(secretKey(owner, name))),
    set: (owner, name, value) => whileOpen(secrets.store(secretKey(owner, name), value)),
    remove: (owner, name) => whileOpen(secrets.delete(secretKey(owner, name))),
    signIns: (folder) => ({
      get: (key) => whileOpen(secrets.get(signInKey(folder, key))),
      set: (key, value) =>
        whileOpen(
          value === undefined
            ? secrets.delete(signInKey(folder, key))
            : secrets.store(signInKey(folder, key), value),
        ),
    }),
  };
}
