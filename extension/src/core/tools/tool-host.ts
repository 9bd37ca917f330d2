import type { Event } from '../../base/event.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import type { ErrorInfo, RunId } from '../../protocol/run-event.ts';
import type { NewServer, ServerDefinition } from './server-definition.ts';
import type { Tool, ToolCall, ToolResult } from './tool.ts';

/** What a person sees of a server. */
export interface ServerState {
  readonly definition: ServerDefinition;
  readonly status: ServerStatus;
  /** Why it cannot be used, and what to do about it. */
  readonly problem?: ErrorInfo;
  /** As it listed them when it was last asked; empty before it was. */
  readonly tools: readonly Tool[];
  /** Tools that are not offered to agents, each with the reason in words: changed since the set-up, suspicious words, no valid schema. */
  readonly heldBack: readonly HeldTool[];
  /** What it may have beyond the strictest sandbox, one sentence each; empty for nothing. */
  readonly looser: readonly string[];
  /** Tokens that the descriptions of its tools take up in a model's context, estimated. */
  readonly tokens: number;
  /** Milliseconds since 1970. */
  readonly lastUse?: number;
  /** Id of the image, `sha256:…`. */
  readonly image?: string;
}

export type ServerStatus =
  /** Somebody turned it off. */
  | 'disabled'
  /** Its image is not built yet, or a person has not agreed to what it may have. `setUp` does both. */
  | 'not-set-up'
  | 'setting-up'
  /** It starts when it is needed. */
  | 'ready'
  | 'running'
  /** It did not start, or died. */
  | 'failed'
  /** What it needs is missing: Docker, a secret, a sign-in. */
  | 'unavailable';

export interface HeldTool {
  readonly name: string;
  readonly reason: string;
  /** Its own words, for a person and never for a model: without what nobody sees, and cut. Absent where they could not be read. */
  readonly description?: string;
}

/** What a person is asked before a server is set up. */
export interface SetUpRequest {
  readonly definition: ServerDefinition;
  /** What it may have beyond the strictest sandbox; empty for nothing. */
  readonly looser: readonly string[];
  /** What it is made of, in words: the npm package and version, the image and its digest, the address. */
  readonly what: string;
  /** Names of secrets that have no value yet. */
  readonly missingSecrets: readonly string[];
}

/** A question of a server to the person, in the middle of a call (MCP elicitation). */
export interface Elicitation {
  readonly server: string;
  readonly message: string;
  /** JSON Schema of a flat object of texts, numbers, booleans and choices; absent when the person is sent to `url` instead. */
  readonly schema?: JsonObject;
  readonly url?: string;
}

export type ElicitationAnswer =
  { readonly action: 'accept'; readonly content?: JsonObject } | { readonly action: 'decline' | 'cancel' };

/** What tools need of a person or of the surroundings. The editor and the terminal each have their own. */
export interface ToolSurroundings {
  /** The value of a secret; undefined when there is none. */
  secret(server: string, name: string): Promise<string | undefined>;
  /** Whether the server may be set up with what it asks for. */
  confirmSetUp(request: SetUpRequest, signal: AbortSignal): Promise<boolean>;
  elicit(elicitation: Elicitation, signal: AbortSignal): Promise<ElicitationAnswer>;
  /** Opens the address in a browser, for a sign-in (OAuth). False when that cannot be done. */
  openAddress(url: string): Promise<boolean>;
  /** Where sign-ins are kept between processes; undefined where they are not. */
  readonly signIns?: SignInStore;
  /** Workspace trust: without it no server of the workspace starts. */
  isTrusted(): boolean;
}

/** Tokens of sign-ins, as opaque texts. */
export interface SignInStore {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string | undefined): Promise<void>;
}

export interface SetUpOptions {
  readonly signal: AbortSignal;
  /** One line about what is being done, for people. */
  readonly onProgress: (text: string) => void;
  /** Agreed already, so nobody is asked. */
  readonly agreed?: boolean;
}

/** Layer 4 as the editor and the terminal see it: the servers of one folder. */
export interface ToolHost {
  /** All servers, built-in ones first, in a stable order. Starts nothing. */
  servers(): Promise<readonly ServerState[]>;
  /** What is wrong in the files that define them, each as `file:line:column: words`. What is right in them counts. */
  mistakes(): Promise<readonly string[]>;
  /** Something that `servers` says has changed. */
  readonly onDidChange: Event<void>;
  /** Builds or pulls its image, starts it in its container, lists its tools, and remembers that a person agreed. */
  setUp(name: string, options: SetUpOptions): Promise<ServerState>;
  /** Writes it to `.mcp.json` and `.strata/tools.jsonc`, and sets it up; when that fails the files are as they were. */
  add(server: NewServer, options: SetUpOptions): Promise<ServerState>;
  /** Offers tools that were held back, as they are now: a person has read what they say. Names as in `heldBack`. */
  accept(name: string, tools: readonly string[]): Promise<ServerState>;
  /** Takes it out of the files that `add` writes to. */
  remove(name: string): Promise<void>;
  setEnabled(name: string, enabled: boolean): Promise<void>;
  /** Stops its containers; it starts again with the next call. */
  stop(name: string): Promise<void>;
  /** A person's own call, under the same policy, limits and trace as an agent's. Returns the run that it is recorded in. */
  call(
    tool: string,
    args: JsonObject,
    options: Pick<ToolCall, 'signal' | 'onOutput'>,
  ): Promise<{ readonly run: RunId; readonly result: ToolResult }>;
}

/** Plain data of a state, for the terminal's `--json` and for commands' return values. */
export function serverStateJson(state: ServerState): Json {
  return structuredClone(state) as unknown as Json;
}
