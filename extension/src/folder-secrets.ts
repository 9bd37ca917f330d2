import type { Environment, Keys } from './core/models/index.ts';
import { createSecretFilter, knowEnvironment } from './core/redaction/index.ts';
import type { SecretFilter } from './core/redaction/index.ts';
import type { ToolSurroundings } from './core/tools/index.ts';

export interface FolderSecretsHost {
  readonly env: Environment;
  readonly keys: Keys;
  readonly tools: { readonly surroundings: ToolSurroundings };
}

export interface FolderSecrets {
  /** What the run log leaves out. */
  readonly secrets: SecretFilter;
  readonly keys: Keys;
  readonly surroundings: ToolSurroundings;
}

/** Whoever reads a key or a secret makes it known before it can be used, and so before anything can print it. */
export function folderSecrets({ env, keys, tools }: FolderSecretsHost): FolderSecrets {
  const secrets = createSecretFilter();
  knowEnvironment(secrets, env);
  const { surroundings } = tools;
  return {
    secrets,
    keys: {
      get: async (name) => {
        const value = await keys.get(name);
        if (value !== undefined) secrets.know(name, value);
        return value;
      },
    },
    surroundings: {
      ...surroundings,
      secret: async (server, name) => {
        const value = await surroundings.secret(server, name);
        if (value !== undefined) secrets.know(name, value);
        return value;
      },
    },
  };
}
