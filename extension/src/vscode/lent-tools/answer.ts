import * as vscode from 'vscode';
import { isStrataError } from '../../base/errors.ts';
import type { ToolResult } from '../../core/tools/index.ts';

export function textAnswer(text: string): vscode.LanguageModelToolResult {
  return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
}

/** What a tool said, as the editor's models read it. */
export function answerOf({ content }: ToolResult): vscode.LanguageModelToolResult {
  return new vscode.LanguageModelToolResult(
    content.map((part) =>
      part.type === 'text'
        ? new vscode.LanguageModelTextPart(part.text)
        : vscode.LanguageModelDataPart.image(Buffer.from(part.data, 'base64'), part.mimeType),
    ),
  );
}

/** The model reads what is missing and what to do about it; anything unexpected is an error. */
export async function answering(
  work: () => Promise<vscode.LanguageModelToolResult>,
): Promise<vscode.LanguageModelToolResult> {
  try {
    return await work();
  } catch (error) {
    if (!isStrataError(error)) throw error;
    return textAnswer(`${error.message} ${error.action}`);
  }
}

export function signalOf(token: vscode.CancellationToken, limitMs: number): AbortSignal {
  const stop = new AbortController();
  token.onCancellationRequested(() => stop.abort());
  if (token.isCancellationRequested) stop.abort();
  return AbortSignal.any([stop.signal, AbortSignal.timeout(limitMs)]);
}
