import type * as vscode from 'vscode';
import * as z from 'zod';
import type { JsonObject } from '../../base/json.ts';
import { memoryServer } from '../../core/tools/index.ts';
import type { Sessions } from '../sessions.ts';
import { answering, answerOf, signalOf, textAnswer } from './answer.ts';

const LIMIT_MS = 60_000;
const texts = z.array(z.string().min(1)).exactOptional();
const limit = z.int().min(1).max(50).exactOptional();
const search = z.object({
  query: z.string().min(1),
  limit,
  ...{ paths: texts, languages: texts, kinds: texts },
  since: z.string().exactOptional(),
});
const recall = z.object({ query: z.string().min(1), limit });

type Given = Readonly<Pick<vscode.LanguageModelToolInvocationOptions<object>, 'input'>>;

/** What agents of Strata call as `memory_search`, over all open folders. */
export function searchMemory(
  sessions: Sessions,
  { input }: Given,
  token: vscode.CancellationToken,
): Promise<vscode.LanguageModelToolResult> {
  return answering(() => inAll(sessions, 'memory_search', search.parse(input), token));
}

/** What they call as `memory_recall`. */
export function recallMemory(
  sessions: Sessions,
  { input }: Given,
  token: vscode.CancellationToken,
): Promise<vscode.LanguageModelToolResult> {
  return answering(() => inAll(sessions, 'memory_recall', recall.parse(input), token));
}

async function inAll(
  sessions: Sessions,
  tool: string,
  given: JsonObject,
  token: vscode.CancellationToken,
): Promise<vscode.LanguageModelToolResult> {
  const folders = await sessions.all();
  if (folders.length === 0) return textAnswer('No folder is open, so there is nothing to search.');
  const signal = signalOf(token, LIMIT_MS);
  const call = { arguments: given, signal, onOutput: () => undefined };
  const results = await Promise.all(folders.map(({ core }) => memoryServer(core.memory).call(tool, call)));
  const content = results.flatMap((result) => result.content);
  return answerOf({ content, isError: results.some(({ isError }) => isError) });
}
