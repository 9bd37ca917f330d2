import * as vscode from 'vscode';
import type { ChatCall, ChatReply, Provider } from '../../core/models/index.ts';
import { inWords } from '../../core/models/index.ts';
import type { Message } from '../../protocol/message.ts';
import { startWatchdog, STREAM_LIMITS } from '../../node/providers/limits.ts';
import { toEditor } from '../editor-messages/to-editor.ts';
import { vscodeMessages } from '../editor-messages/vscode-parts.ts';
import { editorFailure } from './failures.ts';
import { createReplyReader } from './reply.ts';

/** A model of the editor, ready to be called. Throws a `ModelError` and nothing else. */
export function createEditorProvider(model: vscode.LanguageModelChat): Provider {
  return {
    chat: async (call) => {
      const watchdog = startWatchdog(STREAM_LIMITS, call.signal);
      const cancel = new vscode.CancellationTokenSource();
      const onAbort = (): void => cancel.cancel();
      watchdog.signal.addEventListener('abort', onAbort);
      try {
        if (watchdog.signal.aborted) throw new vscode.CancellationError();
        return await ask(model, call, cancel.token, () => {
          watchdog.beat();
          // A model that does not listen to its token may stream on.
          if (watchdog.signal.aborted) throw new vscode.CancellationError();
        });
      } catch (error) {
        throw editorFailure(`${model.vendor}/${model.id}`, error, watchdog, call.signal);
      } finally {
        watchdog.signal.removeEventListener('abort', onAbort);
        watchdog.stop();
        cancel.dispose();
      }
    },
  };
}

async function ask(
  model: vscode.LanguageModelChat,
  call: ChatCall,
  token: vscode.CancellationToken,
  onPart: () => void,
): Promise<ChatReply> {
  const started = performance.now();
  const reader = createReplyReader(call, model.id);
  const response = await model.sendRequest(
    vscodeMessages(toEditor(messagesOf(call))),
    optionsOf(call),
    token,
  );
  let firstTokenMs: number | undefined;
  for await (const part of response.stream) {
    onPart();
    if (reader.read(part)) firstTokenMs ??= performance.now() - started;
  }
  onPart();
  const reply = reader.reply();
  return firstTokenMs === undefined ? reply : { ...reply, firstTokenMs };
}

/** The API knows no schema for an answer, so the model is told in words. */
function messagesOf({ messages, responseSchema }: ChatCall): readonly Message[] {
  if (responseSchema === undefined) return messages;
  return [...messages, { role: 'user', content: [{ type: 'text', text: inWords(responseSchema) }] }];
}

const WHY = 'Agents of Strata ask this model where a route names it, or where no other model is at hand.';

function optionsOf({ tools, toolChoice, maxOutputTokens }: ChatCall): vscode.LanguageModelChatRequestOptions {
  return {
    justification: WHY,
    ...(tools.length === 0 ? {} : { tools: tools.map((tool) => ({ ...tool })) }),
    ...(toolChoice === 'required' ? { toolMode: vscode.LanguageModelChatToolMode.Required } : {}),
    // By the name that OpenAI's API has for it, which Copilot and most others take.
    ...(maxOutputTokens === undefined ? {} : { modelOptions: { max_tokens: maxOutputTokens } }),
  };
}
