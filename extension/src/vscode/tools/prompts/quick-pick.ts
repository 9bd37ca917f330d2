import * as vscode from 'vscode';

export interface PickRequest<Item extends vscode.QuickPickItem> {
  readonly title: string;
  readonly placeholder: string;
  readonly items: readonly Item[];
  /** The row that Enter chooses. */
  readonly active?: Item | undefined;
  /** A button leads back to the prompt before. */
  readonly back?: boolean;
  readonly step?: Step | undefined;
  /** A button of a row, or of the title. */
  readonly buttons?: readonly vscode.QuickInputButton[];
  readonly matchOnDetail?: boolean;
}

/** `3 of 6` beside the title. */
export interface Step {
  readonly number: number;
  readonly of: number;
}

export type Picked<Item> =
  | { readonly kind: 'item'; readonly item: Item }
  | { readonly kind: 'button'; readonly button: vscode.QuickInputButton; readonly item?: Item }
  | { readonly kind: 'back' };

/** One row of a list; undefined when the list was closed. It stays open when the window loses the focus. */
export function pick<Item extends vscode.QuickPickItem>(
  request: PickRequest<Item>,
  signal?: AbortSignal,
): Promise<Picked<Item> | undefined> {
  const list = vscode.window.createQuickPick<Item>();
  list.title = request.title;
  list.placeholder = request.placeholder;
  list.ignoreFocusOut = true;
  list.matchOnDescription = true;
  list.matchOnDetail = request.matchOnDetail ?? false;
  list.items = request.items;
  if (request.active) list.activeItems = [request.active];
  if (request.step) [list.step, list.totalSteps] = [request.step.number, request.step.of];
  list.buttons = [
    ...(request.back === true ? [vscode.QuickInputButtons.Back] : []),
    ...(request.buttons ?? []),
  ];
  return settle(list, signal, (done) => [
    list.onDidAccept(() => {
      const [item] = list.selectedItems;
      if (item) done({ kind: 'item', item });
    }),
    list.onDidTriggerButton((button) =>
      done(button === vscode.QuickInputButtons.Back ? { kind: 'back' } : { kind: 'button', button }),
    ),
    list.onDidTriggerItemButton(({ button, item }) => done({ kind: 'button', button, item })),
  ]);
}

/** Several rows of a list. */
export async function pickSeveral<Item extends vscode.QuickPickItem>(
  request: Omit<PickRequest<Item>, 'active' | 'buttons'> & { readonly picked: readonly Item[] },
  signal?: AbortSignal,
): Promise<readonly Item[] | 'back' | undefined> {
  const list = vscode.window.createQuickPick<Item>();
  list.canSelectMany = true;
  list.title = request.title;
  list.placeholder = request.placeholder;
  list.ignoreFocusOut = true;
  list.items = request.items;
  list.selectedItems = request.picked;
  if (request.step) [list.step, list.totalSteps] = [request.step.number, request.step.of];
  if (request.back === true) list.buttons = [vscode.QuickInputButtons.Back];
  return settle<readonly Item[] | 'back'>(list, signal, (done) => [
    list.onDidAccept(() => done(list.selectedItems)),
    list.onDidTriggerButton(() => done('back')),
  ]);
}

/** Shows an input until it is done, closed or not wanted any more. */
export function settle<T>(
  input: vscode.QuickInput,
  signal: AbortSignal | undefined,
  listen: (done: (answer: T) => void) => readonly vscode.Disposable[],
): Promise<T | undefined> {
  return new Promise((resolve) => {
    const end = (answer: T | undefined): void => {
      signal?.removeEventListener('abort', abort);
      for (const listener of listeners) listener.dispose();
      input.dispose();
      resolve(answer);
    };
    const abort = (): void => end(undefined);
    const listeners = [...listen(end), input.onDidHide(() => end(undefined))];
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
    else input.show();
  });
}
