import type * as vscode from 'vscode';
import * as z from 'zod';
import type { RunFolder } from '../replay-debugger/source.ts';
import { answering, textAnswer } from './answer.ts';

const input = z.object({ run: z.string().default('last'), offset: z.int().min(0).default(0) });
/** What a model takes in at once; it may ask for what follows. */
const CHARACTERS = 24_000;

/** A recorded run as text: each step with what went in and what came out. */
export function readTrace(
  folders: () => Promise<readonly RunFolder[]>,
  { input: given }: Pick<vscode.LanguageModelToolInvocationOptions<object>, 'input'>,
): Promise<vscode.LanguageModelToolResult> {
  return answering(async () => {
    const { run, offset } = input.parse(given);
    const { readRun } = await import('../replay-debugger/index.ts');
    return textAnswer(page(await readRun(folders, run), offset));
  });
}

function page(text: string, offset: number): string {
  const end = offset + CHARACTERS;
  if (text.length <= end) return text.slice(offset) || 'The trace ends before this offset.';
  return `${text.slice(offset, end)}\n… ${text.length - end} characters follow: read on with offset ${end}.`;
}
