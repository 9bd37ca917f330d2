import type {
  CompleteRequestParams,
  CompleteResult,
  GetPromptResult,
  Implementation,
  Prompt,
  ReadResourceResult,
  Resource,
  ResourceTemplateType,
  ServerCapabilities,
} from '@modelcontextprotocol/client';
import type { Event } from '../../base/event.ts';
import type { HeldTool } from '../../core/tools/tool-host.ts';
import type { QuestionDesk, ToolServer } from '../../core/tools/tool.ts';
import type { ErrorInfo } from '../../protocol/run-event.ts';

/** What an MCP server has beside its tools. Everything here is as the server said it, parsed and limited in size. */
export interface McpServerFace extends ToolServer {
  readonly state: McpServerState;
  readonly onDidChangeState: Event<McpServerState>;
  /** Tools that `list` leaves out, each with the reason; known after `list`. */
  readonly heldBack: readonly HeldTool[];
  /** The server said that its tools are others now, or a newer list was fetched. The next `list` has them. */
  readonly onDidChangeTools: Event<void>;
  readonly onDidChangeResources: Event<void>;
  readonly onDidChangePrompts: Event<void>;
  /** The address of a resource that was subscribed to and has changed. */
  readonly onDidUpdateResource: Event<string>;
  /** The newest messages of the server, oldest first: its log messages and what it did against the rules. */
  readonly messages: readonly ServerMessage[];
  readonly onDidLog: Event<ServerMessage>;

  /** Whether a tool of `list` is none of the server's own but stands for its resources or prompts, for agents. */
  isAdded(tool: string): boolean;
  /** Who it is and what it can do. Starts it, as the methods below do; they throw a `StrataError` when it gives no answer. */
  describe(signal: AbortSignal): Promise<ServerDescription>;
  resources(signal: AbortSignal): Promise<readonly Resource[]>;
  resourceTemplates(signal: AbortSignal): Promise<readonly ResourceTemplateType[]>;
  /** `questions` answers in place of the person what the server may want to know first. */
  readResource(uri: string, signal: AbortSignal, questions?: QuestionDesk): Promise<ReadResourceResult>;
  /** Changes come with `onDidUpdateResource`. What is subscribed to is subscribed to again when the server starts anew. */
  subscribe(uri: string, signal: AbortSignal): Promise<void>;
  unsubscribe(uri: string, signal: AbortSignal): Promise<void>;
  prompts(signal: AbortSignal): Promise<readonly Prompt[]>;
  getPrompt(
    name: string,
    args: Readonly<Record<string, string>>,
    signal: AbortSignal,
    questions?: QuestionDesk,
  ): Promise<GetPromptResult>;
  complete(request: CompleteRequestParams, signal: AbortSignal): Promise<CompleteResult>;
  /** Ends it. The next call starts it again. */
  stop(): Promise<void>;
}

export interface ServerDescription {
  /** Absent where the server does not say who it is. */
  readonly info?: Implementation;
  readonly instructions?: string;
  readonly capabilities: ServerCapabilities;
  readonly protocolVersion: string;
}

export type McpServerStatus =
  /** Not started yet, or stopped because it was idle or somebody asked for it. */
  | 'stopped'
  | 'starting'
  /** It runs, and nothing is being asked of it. */
  | 'ready'
  /** It is answering. */
  | 'running'
  /** It did not start, or died. The next call starts it again. */
  | 'failed';

export interface McpServerState {
  readonly status: McpServerStatus;
  /** Why it failed last; gone once it has started again. */
  readonly problem?: ErrorInfo;
  /** Milliseconds since 1970. */
  readonly lastUse?: number;
  /** Id of the image that it runs from, or last ran from. */
  readonly image?: string;
}

export interface ServerMessage {
  readonly level: 'debug' | 'info' | 'warning' | 'error';
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}
