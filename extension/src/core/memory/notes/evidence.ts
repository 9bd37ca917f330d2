import type { Episode, Remedy } from '../episodes/episode.ts';
import { noteText, type Note } from './note.ts';
import { isSameFact } from './same-fact.ts';

/** Something that an earlier run can tell of the workspace. */
export interface Evidence {
  readonly text: string;
  readonly by: Note['by'];
  readonly run: string;
  /** The run that it and those made from it begin with: what comes up again in a rerun of the same is no news. */
  readonly lineage: string;
  readonly at: number;
  /** A person was content with the run. */
  readonly liked: boolean;
}

/** What all tell that say the same, newest first. */
export type Fact = readonly Evidence[];

export function factsIn(episodes: readonly Episode[]): readonly Fact[] {
  const facts: Evidence[][] = [];
  for (const one of evidenceIn(episodes)) {
    const fact = facts.find(([first]) => first?.by === one.by && isSameFact(first.text, one.text));
    if (fact === undefined) facts.push([one]);
    else fact.push(one);
  }
  return facts;
}

/** How many runs tell of it that know nothing of each other. */
export function independentRuns(fact: Fact): number {
  return new Set(fact.map(({ lineage }) => lineage)).size;
}

function evidenceIn(episodes: readonly Episode[]): readonly Evidence[] {
  const froms = new Map(episodes.map(({ run, from }) => [run, from]));
  return episodes
    .toSorted((a, b) => b.at - a.at)
    .flatMap((episode) => {
      const { run, at, verdict, changes, correction, facts = [], remedies = [] } = episode;
      const said: readonly (readonly [Note['by'], string])[] = [
        ...(correction === undefined ? [] : ([['person', correction]] as const)),
        // A person who was not content with a run vouches for nothing that its agent says.
        ...(verdict === 'down' ? [] : facts.map((fact) => ['agent', fact] as const)),
        ...remedies.map((remedy) => ['observed', remedyText(remedy)] as const),
      ];
      const shared = {
        run,
        at,
        lineage: lineageOf(run, froms),
        liked: verdict === 'up' || changes === 'applied',
      };
      return said
        .map(([by, text]) => ({ ...shared, by, text: noteText(text) }))
        .filter(({ text }) => text !== '');
    });
}

function lineageOf(run: string, froms: ReadonlyMap<string, string | undefined>): string {
  let first = run;
  const seen = new Set([run]);
  for (let from = froms.get(first); from !== undefined && !seen.has(from); from = froms.get(first)) {
    seen.add(from);
    first = from;
  }
  return first;
}

function remedyText({ tool, failed, worked }: Remedy): string {
  const quoted = (text: string): string => `\`${noteText(text).replaceAll('`', "'")}\``;
  return `With ${tool}, ${quoted(failed)} failed and ${quoted(worked)} worked.`;
}
