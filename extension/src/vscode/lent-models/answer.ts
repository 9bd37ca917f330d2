import * as vscode from 'vscode';
import * as z from 'zod';
import type { JsonObject } from '../../base/json.ts';
import type { LentRequest } from '../../core/orchestration/index.ts';
import type { StrataFolder } from '../../folder.ts';
import type { ToolDefinition } from '../../protocol/message.ts';
import { textOf, toolCallsOf } from '../../protocol/message.ts';
import { fromEditor, SIGNATURE } from '../editor-messages/from-editor.ts';
import { usagePart } from '../editor-messages/usage.ts';
import { callPart, dataPart, textPart, thinkingPart } from '../editor-messages/vscode-parts.ts';

type Given = readonly vscode.LanguageModelChatRequestMessage[];
type Options = vscode.ProvideLanguageModelChatResponseOptions;

export interface LentCall {
  readonly route: string;
  readonly messages: Given;
  readonly options: Options;
  readonly progress: vscode.Progress<vscode.LanguageModelResponsePart>;
  readonly token: vscode.CancellationToken;
}

/** Answers a request of the editor's chat by a route. Rejects with a `StrataError`. */
export async function answer(folder: Pick<StrataFolder, 'chats'>, call: LentCall): Promise<void> {
  const { route, messages, options, progress, token } = call;
  const stop = new AbortController();
  const listening = token.onCancellationRequested(() => stop.abort());
  if (token.isCancellationRequested) stop.abort();
  const shown = { any: false };
  try {
    const { message, usage } = await folder.chats.ask(requestOf(route, messages, options), {
      signal: stop.signal,
      onText: (text) => {
        shown.any = true;
        progress.report(textPart({ text }));
      },
      onReasoning: (text) =>
        thinkingPart({ kind: 'thinking', text }).forEach((part) => progress.report(part)),
    });
    const text = textOf(message);
    if (!shown.any && text !== '') progress.report(textPart({ text }));
    // An empty piece ends the thoughts, and holds what proves where they come from, for the next request.
    for (const part of message.content) {
      if (part.type !== 'reasoning' || part.signature === undefined) continue;
      const metadata = { [SIGNATURE]: part.signature };
      thinkingPart({ kind: 'thinking', text: '', metadata }).forEach((piece) => progress.report(piece));
    }
    for (const { callId, tool, arguments: input } of toolCallsOf(message))
      progress.report(callPart({ kind: 'call', callId, name: tool, input }));
    progress.report(dataPart(usagePart(usage)));
  } finally {
    listening.dispose();
  }
}

/** By either name; other options are for models that Strata does not know. */
const modelOptions = z.object({
  max_tokens: z.int().positive().optional().catch(undefined),
  maxTokens: z.int().positive().optional().catch(undefined),
});

function requestOf(
  route: string,
  messages: Given,
  { tools = [], toolMode, modelOptions: given }: Options,
): LentRequest {
  const { max_tokens, maxTokens } = modelOptions.parse(given ?? {});
  const most = max_tokens ?? maxTokens;
  const isRequired = toolMode === vscode.LanguageModelChatToolMode.Required && tools.length > 0;
  return {
    route,
    messages: fromEditor(messages),
    tools: tools.map(toolOf),
    ...(isRequired ? { toolChoice: 'required' as const } : {}),
    ...(most === undefined ? {} : { maxOutputTokens: most }),
  };
}

const schema = z.record(z.string(), z.json());

/** A tool without arguments has no schema here, and models want one. */
function toolOf({ name, description, inputSchema }: vscode.LanguageModelChatTool): ToolDefinition {
  const parsed = schema.safeParse(inputSchema);
  const known: JsonObject = parsed.success ? parsed.data : {};
  return { name, description, inputSchema: { type: 'object', ...known } };
}
