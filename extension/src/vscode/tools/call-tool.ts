import * as vscode from 'vscode';
import type { JsonObject } from '../../base/json.ts';
import { formOf, initialValues } from '../../core/tools/form/index.ts';
import type { CommandArguments } from '../commands/arguments.ts';
import { given } from '../dismissed.ts';
import { requireTrust } from '../require-trust.ts';
import { chooseTool } from './choose-tool.ts';
import { fillForm } from './form/fill-form.ts';
import type { ToolsPorts } from './tools-ports.ts';
import { withProgress } from '../with-progress.ts';

/** Calls a tool with the arguments that were given, or those that the person fills in. */
export async function callTool(ports: ToolsPorts, args: CommandArguments): Promise<unknown> {
  requireTrust();
  const { folder, tool } = await chooseTool(ports.find, args);
  const silent = args.arguments !== undefined && args.ask !== true;
  const values: JsonObject = silent
    ? (args.arguments ?? {})
    : await askArguments(ports, tool, args.arguments ?? {});
  const began = performance.now();
  const { run, result } = await withProgress(`Calling ${tool.name}`, ({ signal, say }) =>
    folder.host.call(tool.name, values, {
      signal,
      onOutput: (text) => {
        say(text);
        ports.log.line(tool.server, text);
      },
    }),
  );
  ports.refresh();
  if (!silent) {
    const ms = performance.now() - began;
    await ports.results.show({ folder: folder.folder, tool: tool.name, arguments: values, run, result, ms });
  }
  const { content, isError, structured } = result;
  return { run, result: { content, isError, ...(structured ? { structured } : {}) } };
}

async function askArguments(
  ports: ToolsPorts,
  tool: { readonly name: string; readonly inputSchema: JsonObject },
  begin: JsonObject,
): Promise<JsonObject> {
  const form = formOf(tool.inputSchema);
  const title = `Call ${tool.name}`;
  const answer = await fillForm(
    { title, form, values: initialValues(form, begin), confirm: title },
    ports.prompts,
  );
  return given(answer?.action === 'confirm' ? answer.values : undefined);
}

/** Shows the text in the status bar for a moment: copying needs no message that has to be closed. */
export async function copyToolName(ports: ToolsPorts, args: CommandArguments): Promise<unknown> {
  const name = args.tool ?? (await chooseTool(ports.find, args)).tool.name;
  await vscode.env.clipboard.writeText(name);
  vscode.window.setStatusBarMessage(`Copied ${name}`, SHOWN_MS);
  return { tool: name };
}

const SHOWN_MS = 3000;
