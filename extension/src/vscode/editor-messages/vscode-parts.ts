import * as vscode from 'vscode';
import type {
  CallPart,
  DataPart,
  EditorMessage,
  EditorPart,
  ResultPart,
  TextPart,
  ThinkingPart,
} from './parts.ts';

type MessagePart = vscode.LanguageModelInputPart;
type Thinking = new (text: string, id?: string, metadata?: object) => vscode.LanguageModelTextPart;

export function vscodeMessages(messages: readonly EditorMessage[]): vscode.LanguageModelChatMessage[] {
  const { User, Assistant } = vscode.LanguageModelChatMessageRole;
  return messages.map(
    ({ role, content }) =>
      new vscode.LanguageModelChatMessage(role === 'user' ? User : Assistant, content.flatMap(messagePart)),
  );
}

export function textPart({ text }: Pick<TextPart, 'text'>): vscode.LanguageModelTextPart {
  return new vscode.LanguageModelTextPart(text);
}

export function callPart({ callId, name, input }: CallPart): vscode.LanguageModelToolCallPart {
  return new vscode.LanguageModelToolCallPart(callId, name, input);
}

export function dataPart({ data, mimeType }: DataPart): vscode.LanguageModelDataPart {
  return new vscode.LanguageModelDataPart(data, mimeType);
}

/** Nothing where the editor has no such class: it is not in the stable API. */
export function thinkingPart({ text, id, metadata }: ThinkingPart): vscode.LanguageModelTextPart[] {
  const { LanguageModelThinkingPart: Part } = vscode as { readonly LanguageModelThinkingPart?: Thinking };
  return Part === undefined ? [] : [new Part(text, id, metadata)];
}

function messagePart(part: EditorPart): MessagePart[] {
  switch (part.kind) {
    case 'text':
      return [textPart(part)];
    case 'data':
      return [dataPart(part)];
    case 'call':
      return [callPart(part)];
    case 'result':
      return [resultPart(part)];
    case 'thinking':
      return thinkingPart(part);
  }
}

function resultPart({ callId, content, isError }: ResultPart): vscode.LanguageModelToolResultPart {
  const parts = content.map((part) => (part.kind === 'text' ? textPart(part) : dataPart(part)));
  const result = new vscode.LanguageModelToolResultPart(callId, parts);
  // Passed on by the editor, although the stable API does not name it.
  return isError ? Object.assign(result, { isError }) : result;
}
