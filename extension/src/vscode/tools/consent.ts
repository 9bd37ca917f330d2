import * as vscode from 'vscode';
import type { SetUpRequest } from '../../core/tools/index.ts';
import { whileOpen } from '../while-open.ts';
import { dialogText } from '../plain-labels.ts';
import { allowance, originWords } from './words.ts';

/** Whether a server may be set up, asked in plain words before anything of it is started. */
export async function confirmSetUp(request: SetUpRequest, signal: AbortSignal): Promise<boolean> {
  const { definition } = request;
  const agree = { title: 'Set Up' };
  const asked = whileOpen(
    vscode.window.showWarningMessage(
      `Set up the MCP server “${dialogText(definition.name, 64)}”?`,
      { modal: true, detail: consentText(request) },
      agree,
    ),
  );
  // A dialog cannot be taken back: when nobody waits for its answer any more, it is no agreement.
  return (await asked) === agree && !signal.aborted;
}

/** What the person agrees to: what it is, where that stands, and what it may have. */
export function consentText({ definition, what, looser, missingSecrets }: SetUpRequest): string {
  const { source, sandbox } = definition;
  const inside = source.kind !== 'http' && source.kind !== 'editor';
  const may =
    looser.length > 0
      ? ['It may:', ...looser.map((one) => `• ${allowance(one)}`)]
      : [
          !inside
            ? 'It gets what agents call its tools with.'
            : sandbox.files === 'none'
              ? 'It gets no network, no secrets and no files.'
              : 'It gets no network and no secrets, and of the files the run’s own copy.',
        ];
  return dialogText(
    [
      `It is ${what}, ${originWords(definition)}.`,
      '',
      ...may,
      ...(missingSecrets.length > 0
        ? [
            '',
            `No value is set yet for ${missingSecrets.join(', ')}; set it with “Strata: Set Secret of MCP Server…”.`,
          ]
        : []),
      '',
      inside
        ? 'It runs in a container of its own, with nothing else of this machine. Nothing of it has been started yet.'
        : 'It runs elsewhere, not in a sandbox of Strata. Nothing has been sent to it yet.',
    ].join('\n'),
  );
}
