import type { RunId } from '../../protocol/run-event.ts';

export const SCHEME = 'strata-replay';
export const LANGUAGE = 'strata-transcript';

/** Where the transcript of a run is: the id finds it, the agent's name is for people. */
export function transcriptAddress(run: RunId, agent: string): string {
  return `${SCHEME}:/${plain(run)}/${plain(agent) || 'run'}.${LANGUAGE}`;
}

/** Undefined for what is no transcript's address. */
export function runOfAddress(address: string): RunId | undefined {
  return /^strata-replay:\/+([^/?#]+)\//.exec(address)?.[1];
}

/** What an address shows as it is: the editor encodes the rest, and then two spellings of it would be two documents. */
function plain(text: string): string {
  return text.replace(/[^\w.-]+/g, '-');
}
