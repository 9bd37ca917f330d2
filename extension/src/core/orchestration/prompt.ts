import type { Message } from '../../protocol/message.ts';
import type { Episode } from '../memory/memory.ts';
import type { RunInput } from './run-input.ts';

/** The first messages of a run: who the agent is, what it is asked, and what earlier runs can tell about it. */
export function openingMessages(
  input: RunInput,
  episodes: readonly Episode[],
  files: number,
): readonly Message[] {
  const parts = [input.task];
  if (files === 0) parts.push('The workspace is empty: it holds no files yet.');
  if (episodes.length > 0)
    parts.push(`Earlier runs in this workspace:\n\n${episodes.map(describe).join('\n\n')}`);
  return [
    { role: 'system', text: input.agent.prompt },
    { role: 'user', content: [{ type: 'text', text: parts.join('\n\n') }] },
  ];
}

function describe(episode: Episode): string {
  const lines = [`- Task: ${episode.task}`, `  Outcome: ${episode.outcome}. ${episode.answer}`];
  if (episode.files.length > 0) lines.push(`  Files changed: ${episode.files.join(', ')}`);
  if (episode.failures.length > 0) lines.push(`  Failed on the way: ${episode.failures.join('; ')}`);
  return lines.join('\n');
}
