import type { ToolDefinition } from '../../protocol/message.ts';
import type { Episode, Recalled, RecalledEpisode } from '../memory/episodes/episode.ts';
import { recalledText } from '../memory/episodes/recalled-text.ts';
import { createWorkingMemory } from '../memory/working/index.ts';
import type { WorkingMemory } from '../memory/working/index.ts';
import { condense } from './condense.ts';
import type { CondensePorts } from './condense.ts';
import type { RunLog } from './ports.ts';
import type { Steps } from './steps.ts';

export interface ContextStart {
  readonly prompt: string;
  readonly task: string;
  readonly episodes: readonly Recalled[];
  /** How many files the workspace holds. */
  readonly files: number;
  readonly tools: readonly ToolDefinition[];
  /** See `WorkingMemoryOptions`. */
  readonly contextTokens: number | undefined;
}

/** The context of an agent's requests, beginning with who it is, what it is asked, and what earlier runs can tell about it. */
export function openContext(log: Pick<RunLog, 'putBlob'>, start: ContextStart): WorkingMemory {
  const { prompt, task, tools, contextTokens } = start;
  const recalled = openingText(start.episodes, start.files);
  return createWorkingMemory(
    { prompt, task, recalled, tools },
    { contextTokens, putBlob: (text) => log.putBlob(text) },
  );
}

/**
 * Condenses the older turns where the next request would be too large, or where the log says that it was done here. To be
 * called right before each model call. At most one step; tells whether there was one.
 */
export async function fitContext(
  ports: CondensePorts & { readonly steps: Pick<Steps, 'run' | 'upcoming'> },
  memory: WorkingMemory,
  route: string,
): Promise<boolean> {
  const recorded = ports.steps.upcoming();
  // A recording knows where it was condensed; a later version may estimate otherwise.
  if (recorded !== undefined && recorded !== 'condense') return false;
  const request = recorded === undefined ? memory.toCondense() : memory.toCondenseAgain();
  if (!request) return false;
  memory.condensed(await condense(ports, request, route));
  return true;
}

function openingText(episodes: readonly Recalled[], files: number): string {
  const parts: string[] = [];
  if (files === 0) parts.push('The workspace is empty: it holds no files yet.');
  const old = episodes.filter(isOld);
  if (episodes.length > 0)
    parts.push(
      old.length === episodes.length
        ? `Earlier runs in this workspace:\n\n${old.map(describe).join('\n\n')}`
        : recalledText(episodes),
    );
  return parts.join('\n\n');
}

/** From a log that says nothing of why it was recalled: its request has to come out as it was. */
function isOld(one: Recalled): one is RecalledEpisode {
  return one.kind !== 'note' && one.why === undefined;
}

function describe(episode: Episode): string {
  const lines = [`- Task: ${episode.task}`, `  Outcome: ${episode.outcome}. ${episode.answer}`];
  if (episode.files.length > 0) lines.push(`  Files changed: ${episode.files.join(', ')}`);
  if (episode.failures.length > 0) lines.push(`  Failed on the way: ${episode.failures.join('; ')}`);
  return lines.join('\n');
}
