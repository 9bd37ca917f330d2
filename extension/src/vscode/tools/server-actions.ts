import * as vscode from 'vscode';
import { StrataError } from '../../base/errors.ts';
import { serverStateJson } from '../../core/tools/index.ts';
import type { HeldTool, ServerState } from '../../core/tools/index.ts';
import type { CommandArguments } from '../commands/arguments.ts';
import { Dismissed, given } from '../dismissed.ts';
import { requireTrust } from '../require-trust.ts';
import { chooseServer } from './choose-server.ts';
import { dialogText } from '../plain-labels.ts';
import type { ToolsPorts } from './tools-ports.ts';
import { withProgress } from '../with-progress.ts';

export type ToolsCommand = (ports: ToolsPorts, args: CommandArguments) => Promise<unknown>;

/** Builds its image where it must, starts it and lists its tools. */
export const setUpServer: ToolsCommand = async (ports, args) => {
  requireTrust();
  const fits = ({ status }: ServerState): boolean => ['not-set-up', 'failed', 'unavailable'].includes(status);
  const { folder, state } = await chooseServer(ports.find, args, 'MCP server to set up', fits);
  const { name } = state.definition;
  try {
    const after = await withProgress(`Setting up the MCP server ${name}`, ({ signal, say }) =>
      folder.host.setUp(name, {
        signal,
        ...(args.agreed === undefined ? {} : { agreed: args.agreed }),
        onProgress: (text) => {
          say(text);
          ports.log.line(name, text);
        },
      }),
    );
    return serverStateJson(after);
  } finally {
    ports.refresh();
  }
};

/** It starts by itself with the next call; this is for a person who wants to see that it does, who has agreed to it before. */
export const startServer: ToolsCommand = async (ports, args) => {
  const isReady = (state: ServerState): boolean => state.status === 'ready' && !isOfEditor(state);
  const { folder, state } = await chooseServer(ports.find, args, 'MCP server to start', isReady);
  const known = { folder: folder.folder, server: state.definition.name };
  return setUpServer(ports, { ...args, ...known, ...(isReady(state) ? { agreed: true } : {}) });
};

export const stopServer: ToolsCommand = async (ports, args) => {
  const isRunning = ({ status }: ServerState): boolean => status === 'running';
  const { folder, state } = await chooseServer(ports.find, args, 'MCP server to stop', isRunning);
  await folder.host.stop(state.definition.name);
  ports.refresh();
  return { server: state.definition.name };
};

export const enableServer: ToolsCommand = (ports, args) => setEnabled(ports, args, 'enable');
export const disableServer: ToolsCommand = (ports, args) => setEnabled(ports, args, 'disable');

async function setEnabled(
  ports: ToolsPorts,
  args: CommandArguments,
  what: 'enable' | 'disable',
): Promise<unknown> {
  const fits = (state: ServerState): boolean =>
    (state.status === 'disabled') === (what === 'enable') && !isOfEditor(state);
  const { folder, state } = await chooseServer(ports.find, args, `MCP server to ${what}`, fits);
  await folder.host.setEnabled(state.definition.name, what === 'enable');
  ports.refresh();
  return { server: state.definition.name, enabled: what === 'enable' };
}

/** It sets them up, starts and stops them itself. */
function isOfEditor({ definition }: ServerState): boolean {
  return definition.origin === 'editor';
}

export const removeServer: ToolsCommand = async (ports, args) => {
  const isWritten = ({ definition }: ServerState): boolean => definition.origin === 'workspace';
  const { folder, state } = await chooseServer(ports.find, args, 'MCP server to remove', isWritten);
  const { name, sandbox } = state.definition;
  if (!isWritten(state)) {
    throw new StrataError(
      'server-not-written',
      `The MCP server ${name} is not defined in .mcp.json, so it cannot be taken out of it.`,
      'Disable it, or take it out of your settings.',
    );
  }
  if (args.agreed !== true) {
    const remove = { title: 'Remove' };
    const chosen = await vscode.window.showWarningMessage(
      `Remove the MCP server ${name}?`,
      {
        modal: true,
        detail:
          'It is taken out of .mcp.json and .strata/tools.jsonc, and its secrets are forgotten. Traces of its calls stay.',
      },
      remove,
    );
    if (chosen !== remove) throw new Dismissed();
  }
  await folder.host.remove(name);
  for (const secret of sandbox.secrets)
    await ports.secrets.remove({ folder: folder.folder, server: name }, secret);
  ports.refresh();
  return { server: name };
};

export const acceptTool: ToolsCommand = async (ports, args) => {
  requireTrust();
  const hasHeld = ({ heldBack }: ServerState): boolean => heldBack.length > 0;
  const { folder, state } = await chooseServer(
    ports.find,
    args,
    'MCP server whose tools were held back',
    hasHeld,
  );
  const { name } = state.definition;
  const held =
    state.heldBack.find((one) => one.name === args.tool) ??
    given(
      await vscode.window.showQuickPick(
        state.heldBack.map((one) => ({ label: one.name, detail: one.reason, ...one })),
        { placeHolder: 'Tool to offer to agents as it is now' },
      ),
    );
  if (args.agreed !== true) {
    const accept = { title: 'Offer to Agents' };
    const chosen = await vscode.window.showWarningMessage(
      `Offer the tool ${held.name} to agents?`,
      { modal: true, detail: whyHeld(held) },
      accept,
    );
    if (chosen !== accept) throw new Dismissed();
  }
  const after = await folder.host.accept(name, [held.name]);
  ports.refresh();
  return serverStateJson(after);
};

function whyHeld({ reason, description }: HeldTool): string {
  const words = description === undefined ? [] : [`It says of itself:\n${dialogText(description, 1000)}`];
  return [`It was held back: ${dialogText(reason)}`, ...words].join('\n\n');
}

export const showServerLog: ToolsCommand = async (ports, args) => {
  if (args.server !== undefined) {
    const { state } = await chooseServer(ports.find, args, 'MCP server');
    const { problem } = state;
    if (problem) ports.log.line(args.server, [problem.message, problem.action].filter(Boolean).join(' '));
  }
  ports.log.show();
  return {};
};

/** The value goes from the box into the secret storage, and is never an argument or a result: those end up in logs and files. */
export const setServerSecret: ToolsCommand = async (ports, args) => {
  const hasSecrets = ({ definition }: ServerState): boolean => definition.sandbox.secrets.length > 0;
  const { folder, state } = await chooseServer(
    ports.find,
    args,
    'MCP server that the secret is for',
    hasSecrets,
  );
  const { name, sandbox } = state.definition;
  const [only] = sandbox.secrets;
  if (only === undefined) {
    throw new StrataError(
      'server-without-secrets',
      `The MCP server ${name} asks for no secrets.`,
      'Name them under "secrets" in .strata/tools.jsonc first.',
    );
  }
  const owner = { folder: folder.folder, server: name };
  const secret =
    args.name ?? (sandbox.secrets.length === 1 ? only : await pickSecret(ports, owner, sandbox.secrets));
  const value = given(
    await vscode.window.showInputBox({
      title: `Secret ${secret} of ${name}`,
      prompt:
        'It is kept in the system’s secret storage and given to this server alone. Leave it empty to remove the one that is there.',
      password: true,
      ignoreFocusOut: true,
    }),
  );
  if (value === '') await ports.secrets.remove(owner, secret);
  else await ports.secrets.set(owner, secret, value);
  // A server that runs has the old one.
  if (state.status === 'running') await folder.host.stop(name);
  ports.refresh();
  void vscode.window.showInformationMessage(
    `The secret ${secret} of ${name} is ${value === '' ? 'removed' : 'set'}.`,
  );
  return { server: name, name: secret, set: value !== '' };
};

async function pickSecret(
  ports: ToolsPorts,
  owner: { readonly folder: string; readonly server: string },
  names: readonly string[],
): Promise<string> {
  const items = await Promise.all(
    names.map(async (label) => ({
      label,
      description: (await ports.secrets.get(owner, label)) === undefined ? 'not set' : 'set',
    })),
  );
  return given(await vscode.window.showQuickPick(items, { placeHolder: `Secret of ${owner.server}` })).label;
}
