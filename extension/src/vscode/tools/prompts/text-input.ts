import * as vscode from 'vscode';
import { settle, type Step } from './quick-pick.ts';

export interface TextRequest {
  readonly title: string;
  readonly prompt: string;
  readonly value?: string;
  readonly placeholder?: string;
  readonly password?: boolean;
  readonly back?: boolean;
  readonly step?: Step | undefined;
  readonly buttons?: readonly vscode.QuickInputButton[];
  /** What is wrong with the text; Enter does nothing until it is undefined. */
  readonly check?: (text: string) => string | undefined;
}

export type Entered =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'button'; readonly button: vscode.QuickInputButton; readonly text: string }
  | { readonly kind: 'back' };

/** A line of text; undefined when the box was closed. */
export function enter(request: TextRequest, signal?: AbortSignal): Promise<Entered | undefined> {
  const box = vscode.window.createInputBox();
  box.title = request.title;
  box.prompt = request.prompt;
  box.value = request.value ?? '';
  if (request.placeholder !== undefined) box.placeholder = request.placeholder;
  box.password = request.password ?? false;
  box.ignoreFocusOut = true;
  if (request.step) [box.step, box.totalSteps] = [request.step.number, request.step.of];
  box.buttons = [
    ...(request.back === true ? [vscode.QuickInputButtons.Back] : []),
    ...(request.buttons ?? []),
  ];
  const check = (text: string): string | undefined => request.check?.(text);
  return settle<Entered>(box, signal, (done) => [
    // Nothing is wrong with what nobody has typed yet.
    box.onDidChangeValue((text) => (box.validationMessage = check(text))),
    box.onDidAccept(() => {
      box.validationMessage = check(box.value);
      if (box.validationMessage === undefined) done({ kind: 'text', text: box.value });
    }),
    box.onDidTriggerButton((button) =>
      done(
        button === vscode.QuickInputButtons.Back
          ? { kind: 'back' }
          : { kind: 'button', button, text: box.value },
      ),
    ),
  ]);
}
