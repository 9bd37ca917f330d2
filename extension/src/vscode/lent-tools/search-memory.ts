import type * as vscode from 'vscode';
import * as z from 'zod';
import { memoryServer } from '../../core/tools/index.ts';
import type { Sessions } from '../sessions.ts';
import { answering, answerOf, signalOf, textAnswer } from './answer.ts';

const LIMIT_MS = 60_000;
const input = z.object({ query: z.string().min(1), limit: z.int().min(1).max(50).exactOptional() });

/** What agents of Strata call as `memory_search`, over all open folders. */
export function searchMemory(
  sessions: Sessions,
  { input: given }: vscode.LanguageModelToolInvocationOptions<object>,
  token: vscode.CancellationToken,
): Promise<vscode.LanguageModelToolResult> {
  return answering(async () => {
    const args = input.parse(given);
    const folders = await sessions.all();
    if (folders.length === 0) return textAnswer('No folder is open, so there is nothing to search.');
    const signal = signalOf(token, LIMIT_MS);
    const results = await Promise.all(
      folders.map(({ core }) =>
        memoryServer(core.memory).call('memory_search', {
          arguments: args,
          signal,
          onOutput: () => undefined,
        }),
      ),
    );
    const content = results.flatMap((result) => result.content);
    return answerOf({ content, isError: results.some(({ isError }) => isError) });
  });
}
