import type * as vscode from 'vscode';
import type { ElicitationAnswer, Elicitation, SetUpRequest } from '../../core/tools/index.ts';
import type { CommandArguments } from '../commands/arguments.ts';
import type { TextPrompts } from '../text-prompts.ts';
import type { ToolSecrets } from '../tool-secrets.ts';
import { addMcpServer } from './add-server/add-server.ts';
import { callTool, copyToolName } from './call-tool.ts';
import { confirmSetUp } from './consent.ts';
import { openServerDefinition } from './open-definition.ts';
import { tellOfNewServers } from './new-servers.ts';
import { listOffers } from './offers.ts';
import { openAddress, Questions } from './questions.ts';
import { Results } from './results.ts';
import {
  acceptTool,
  disableServer,
  enableServer,
  removeServer,
  setServerSecret,
  setUpServer,
  showServerLog,
  startServer,
  stopServer,
  type ToolsCommand,
} from './server-actions.ts';
import { ServerLog } from './server-log.ts';
import type { ToolsPorts } from './tools-ports.ts';
import { ToolsTree, type FoundTools } from './tree.ts';

export { editorTools } from './editor-tools.ts';
export type { Offer } from './offers.ts';
export type { FolderTools, Gateway } from './folder-tools.ts';
export type { ServerNode, ToolsNode } from './nodes.ts';
export type { FoundTools } from './tree.ts';

const COMMANDS = {
  addMcpServer,
  callTool,
  copyToolName,
  openServerDefinition,
  acceptTool,
  disableServer,
  enableServer,
  removeServer,
  setServerSecret,
  setUpServer,
  showServerLog,
  startServer,
  stopServer,
} as const satisfies Readonly<Record<string, ToolsCommand>>;

export type ToolsCommandName = keyof typeof COMMANDS;

export interface ToolsWindowHost {
  readonly find: () => Promise<FoundTools>;
  readonly prompts: TextPrompts;
  readonly secrets: ToolSecrets;
  readonly report: (error: unknown) => void;
  readonly refresh: () => void;
  readonly reveal: ToolsPorts['reveal'];
}

/** All that a person sees of layer 4 in this window; loaded at its first use. */
export interface ToolsWindow extends vscode.Disposable {
  readonly tree: ToolsTree;
  perform(command: ToolsCommandName, args: CommandArguments): Promise<unknown>;
  confirmSetUp(request: SetUpRequest, signal: AbortSignal): Promise<boolean>;
  elicit(elicitation: Elicitation, signal: AbortSignal): Promise<ElicitationAnswer>;
  answerQuestion(): Promise<unknown>;
  openAddress(url: string): Thenable<boolean>;
  readonly listOffers: typeof listOffers;
  tellOfNewServers(memento: vscode.Memento): Promise<void>;
}

export function openTools(host: ToolsWindowHost): ToolsWindow {
  const results = new Results();
  const log = new ServerLog();
  const questions = new Questions(host.prompts, host.report);
  const ports: ToolsPorts = { ...host, results, log };
  return {
    tree: new ToolsTree(host.find),
    perform: (command, args) => COMMANDS[command](ports, args),
    confirmSetUp,
    elicit: (elicitation, signal) => questions.ask(elicitation, signal),
    answerQuestion: () => questions.answerNext(),
    openAddress,
    listOffers,
    tellOfNewServers: async (memento) => tellOfNewServers((await host.find()).folders, memento, host.report),
    dispose: () => {
      for (const part of [results, log, questions]) part.dispose();
    },
  };
}
