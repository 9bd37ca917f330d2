import type { JsonObject } from '../../base/json.ts';

/** Where a server's definition comes from, which decides how far it is trusted. */
export type ServerOrigin =
  | 'built-in'
  /** `.mcp.json` of the folder. */
  | 'workspace'
  /** The user's own settings. */
  | 'user'
  /** A server that the editor runs itself, reached through its API. */
  | 'editor';

/** What runs, or answers. Everything but `http` and `editor` runs in a container. */
export type ServerSource =
  | { readonly kind: 'built-in' }
  /** `package` is a name with a version or a range, as npm takes it; `binary` when the package has several. */
  | {
      readonly kind: 'npm';
      readonly package: string;
      readonly binary?: string;
      readonly arguments: readonly string[];
    }
  | {
      readonly kind: 'image';
      readonly image: string;
      readonly entrypoint?: readonly string[];
      readonly arguments: readonly string[];
    }
  /** `path` is that of a Dockerfile, or of a folder that holds one, relative to the workspace folder. */
  | { readonly kind: 'dockerfile'; readonly path: string; readonly arguments: readonly string[] }
  /** A program of the base image, or a script of the workspace, run in the base image. */
  | { readonly kind: 'command'; readonly command: string; readonly arguments: readonly string[] }
  | { readonly kind: 'http'; readonly url: string; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: 'editor' };

/** What a server may have. The defaults in `sandbox-defaults.ts` are the strictest that work for most. */
export interface Sandbox {
  /**
   * Hosts that it may reach, through the egress proxy: `api.github.com`, `*.npmjs.org`, `example.com:8443`. Without a port
   * 443 and 80 are meant. Empty: there is no network at all.
   */
  readonly network: readonly string[];
  /** The run's own copy of the folder, at `/workspace`. */
  readonly files: 'none' | 'read' | 'write';
  /** Names of secrets that it gets as environment variables. Their values are in the secret storage. */
  readonly secrets: readonly string[];
  /** Environment variables that are no secrets. */
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryBytes: number;
  readonly cpus: number;
  /** Processes and threads together. */
  readonly processes: number;
  readonly openFiles: number;
  /** Size of `/tmp`, the only place besides the copy that can be written. */
  readonly temporaryBytes: number;
  /** Limit of one call. */
  readonly callMs: number;
  /** Without a call for this long it is stopped, and starts again with the next one. */
  readonly idleMs: number;
}

/** An MCP server as Strata knows it before anything of it runs. */
export interface ServerDefinition {
  /** Letters, digits, `_` and `-`; the first part of its tools' names. */
  readonly name: string;
  readonly origin: ServerOrigin;
  readonly source: ServerSource;
  readonly sandbox: Sandbox;
  readonly enabled: boolean;
  /** Its annotations are believed: a tool that says it only reads is called without asking, and may be cached. */
  readonly trusted: boolean;
  /** It runs nobody's programs and asks for no host, so that no name has to be resolved for it, `localhost` neither. */
  readonly nameless?: true;
  /** The file that defines it, for people; absent for built-in ones. */
  readonly file?: string;
}

/** What a person registers: written to `.mcp.json`, and what is looser than the default to `.strata/tools.jsonc`. */
export interface NewServer {
  readonly name: string;
  readonly source: Exclude<ServerSource, { readonly kind: 'built-in' | 'editor' }>;
  readonly sandbox: Partial<Sandbox>;
}

/** The definition as plain data, for hashing and for showing. */
export function definitionJson(definition: ServerDefinition): JsonObject {
  const { name, source, sandbox, trusted } = definition;
  return structuredClone({ name, source, sandbox, trusted }) as unknown as JsonObject;
}
