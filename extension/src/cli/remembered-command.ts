import { isStrataError } from '../base/errors.ts';
import type { Episode, Note, Recalled } from '../core/memory/index.ts';
import type { StrataFolder } from '../folder.ts';
import { formatCost, formatDuration, formatTokens } from '../protocol/format.ts';
import type { RunId } from '../protocol/run-event.ts';
import { usageError } from './arguments.ts';
import type { Arguments } from './arguments.ts';
import { EXIT } from './exit.ts';
import { inFolder } from './host.ts';
import type { Perform } from './perform.ts';
import { runNamed } from './run-commands.ts';
import { fit, ink, safeLine, safeText } from './style.ts';
import type { Terminal } from './terminal.ts';

const LIMIT_MS = 5 * 60_000;

interface Asked {
  readonly folder: StrataFolder;
  readonly given: Arguments;
  /** What follows the word. */
  readonly names: readonly string[];
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** Returns what `--json` prints, having printed the rest. */
type Work = (asked: Asked) => Promise<unknown>;

/** `memory` alone lists; a word after it says what to do with a run or a note. */
export const memory: Perform = (given, terminal) => {
  const [word = 'list', ...names] = given.positionals;
  const work = works.get(word);
  if (!work) throw usageError(`"memory ${word}" is none of: memory ${[...works.keys()].join(', memory ')}.`);
  return inFolder(given, terminal, async (folder) => {
    const signal = AbortSignal.timeout(LIMIT_MS);
    const result = await work({ folder, given, names, terminal, signal });
    if (given.json) terminal.print(JSON.stringify(result));
    return EXIT.done;
  });
};

const list: Work = async ({ folder, given, terminal, signal }) => {
  const [notes, episodes] = await Promise.all([
    folder.notes.list(),
    folder.memory.episodes({ limit: given.limit, signal }),
  ]);
  if (given.json) return { notes, episodes };
  if (notes.length === 0 && episodes.length === 0)
    terminal.print('Nothing is remembered yet. What runs did is kept when they end.');
  for (const note of notes) terminal.print(noteLine(note, terminal));
  for (const episode of episodes) terminal.print(episodeLine(episode, terminal));
  return undefined;
};

const show: Work = async ({ folder, given, names, terminal, signal }) => {
  const found = await named(folder, only(names, 'show'), signal);
  const whole =
    found.kind === 'note'
      ? found.note
      : (await folder.memory.episodes({ limit: 1, run: found.run, signal }))[0];
  if (whole === undefined) throw usageError(`Nothing is kept of run ${only(names, 'show')}.`);
  if (!given.json) {
    const lines =
      'run' in whole ? episodeText(whole) : [noteLine(whole, terminal), `  ${whole.runs.join(' ')}`];
    for (const line of lines) terminal.print(safeText(line));
  }
  return whole;
};

const recall: Work = async ({ folder, given, names, terminal, signal }) => {
  const task = names.join(' ').trim();
  if (task === '') throw usageError('`strata memory recall` takes the words of a task.');
  const found = await folder.memory.recall(task, { limit: given.limit, signal });
  if (given.json) return found;
  if (found.length === 0) terminal.print('No note and no earlier run is like this.');
  for (const one of found) terminal.print(`${recalledLine(one, terminal)}\n    ${reasonWords(one)}`);
  return undefined;
};

const rate: Work = async ({ folder, given, names, terminal, signal }) => {
  const [name, word] = names;
  const verdict = VERDICTS.find((one) => one === word);
  const correction = given.message;
  if (
    name === undefined ||
    (word !== undefined && verdict === undefined) ||
    (!verdict && correction === undefined)
  )
    throw usageError(
      '`strata memory rate` takes a run and up, down or none, and -m with what should have been done.',
    );
  const run = runIn(await named(folder, name, signal));
  await folder.rate(run, {
    ...(verdict === undefined ? {} : { verdict }),
    ...(correction === undefined ? {} : { correction }),
  });
  if (!given.json) terminal.print(`Kept with run ${run}; runs with a task like its own are told.`);
  return {
    run,
    ...(verdict === undefined ? {} : { verdict }),
    ...(correction === undefined ? {} : { correction }),
  };
};

const VERDICTS = ['up', 'down', 'none'] as const;

function pinning(pinned: boolean): Work {
  return async ({ folder, given, names, terminal, signal }) => {
    const found = await named(folder, only(names, pinned ? 'pin' : 'unpin'), signal);
    if (found.kind === 'note') await folder.notes.pin(found.note.id, pinned);
    else await folder.rate(found.run, { memory: pinned ? 'pinned' : 'kept' });
    if (!given.json) terminal.print(pinned ? 'It is pinned: it never fades.' : 'It is no longer pinned.');
    return { [found.kind]: idOf(found), pinned };
  };
}

const confirm: Work = async ({ folder, given, names, terminal, signal }) => {
  const found = await named(folder, only(names, 'confirm'), signal);
  if (found.kind !== 'note') throw usageError('`strata memory confirm` takes a note.');
  await folder.notes.confirm(found.note.id);
  if (!given.json) terminal.print('Runs are told of it from now on.');
  return { note: found.note.id, confirmed: true };
};

const add: Work = async ({ folder, given, names, terminal }) => {
  await folder.notes.add(names.join(' '));
  if (!given.json) terminal.print(`It stands in ${safeText(folder.notes.file)}.`);
  return { file: folder.notes.file };
};

const forget: Work = async ({ folder, given, names, terminal, signal }) => {
  if (names.length === 0) throw usageError('`strata memory forget` takes runs and notes.');
  // All are looked up before any of them goes.
  const found = await Promise.all(names.map((name) => named(folder, name, signal)));
  const runs = found.flatMap((one) => (one.kind === 'run' ? [one.run] : []));
  const notes = found.flatMap((one) => (one.kind === 'note' ? [one.note.id] : []));
  for (const id of notes) await folder.notes.remove(id);
  const removed = runs.length === 0 ? 0 : (await folder.forget(runs, signal)).removed;
  if (!given.json)
    terminal.print(
      `Forgotten: ${String(removed)} of ${String(runs.length)} runs, ${String(notes.length)} notes. The logs of the runs stay.`,
    );
  return { runs, notes, removed };
};

const rebuild: Work = async ({ folder, given, terminal, signal }) => {
  const rebuilt = await folder.rebuildEpisodes(signal);
  if (!given.json) terminal.print(`${String(rebuilt.kept)} runs are kept, made again from their logs.`);
  return rebuilt;
};

const works: ReadonlyMap<string, Work> = new Map(
  Object.entries({
    ...{ list, show, recall, rate, pin: pinning(true), unpin: pinning(false) },
    ...{ confirm, add, forget, rebuild },
  }),
);

type Named = { readonly kind: 'note'; readonly note: Note } | { readonly kind: 'run'; readonly run: RunId };

/** A note by its id or the beginning of it, else a run; the log of a run may be gone before what is kept of it. */
async function named(folder: StrataFolder, name: string, signal: AbortSignal): Promise<Named> {
  const notes = name.startsWith('n-') ? await folder.notes.list() : [];
  const [note, ...others] = notes.filter(({ id }) => id.startsWith(name));
  if (note !== undefined && others.length === 0) return { kind: 'note', note };
  try {
    return { kind: 'run', run: runNamed(folder, { command: 'memory', positionals: [name] }) };
  } catch (error) {
    if (!isStrataError(error) || error.code !== 'run-not-found') throw error;
    const [kept] = await folder.memory.episodes({ limit: 1, run: name, signal });
    if (kept === undefined) throw error;
    return { kind: 'run', run: kept.run };
  }
}

function only(names: readonly string[], word: string): string {
  const [name, ...more] = names;
  if (name === undefined || more.length > 0)
    throw usageError(`\`strata memory ${word}\` takes one run or note.`);
  return name;
}

function runIn(found: Named): RunId {
  if (found.kind === 'note')
    throw usageError('Only runs are rated; a note is confirmed, edited or forgotten.');
  return found.run;
}

function idOf(found: Named): string {
  return found.kind === 'note' ? found.note.id : found.run;
}

function noteLine({ id, text, by, times, confirmed, pinned, fading }: Note, { out }: Terminal): string {
  const marks = [
    by === 'person' ? 'by a person' : by === 'agent' ? 'by an agent' : 'observed',
    ...(times > 1 ? [`${String(times)} times`] : []),
    ...(confirmed ? [] : ['unconfirmed']),
    ...(pinned ? ['pinned'] : []),
    ...(fading === undefined ? [] : [`fading, ${fading.why}`]),
  ];
  return `${ink(out, 'bold', id)}  ${safeLine(text)}  ${ink(out, 'dim', marks.join(', '))}`;
}

function episodeLine(episode: Episode, { out }: Terminal): string {
  const { run, at, agent, task, outcome, verdict, correction, changes, pinned } = episode;
  const marks = [
    ...(verdict === undefined ? [] : [verdict]),
    ...(correction === undefined ? [] : ['corrected']),
    ...(changes === undefined ? [] : [changes]),
    ...(pinned ? ['pinned'] : []),
  ];
  const facts = [fit(outcome, 11), fit(safeLine(agent), 10), fit(new Date(at).toLocaleString('sv'), 19)];
  return `${ink(out, 'bold', run)}  ${facts.join('  ')}  ${safeLine(task.slice(0, 80))}  ${ink(out, 'dim', marks.join(', '))}`.trimEnd();
}

function recalledLine(one: Recalled, terminal: Terminal): string {
  if (one.kind !== 'note') return episodeLine(one, terminal);
  return `${ink(terminal.out, 'bold', one.id)}  ${safeLine(one.text)}`;
}

function reasonWords({ score, why }: Recalled): string {
  const words = [
    ...(score === undefined ? [] : [`score ${score.toFixed(2)}`]),
    ...(why?.pinned ? ['pinned'] : []),
    ...(why?.verdict === undefined ? [] : [why.verdict]),
    ...(why?.files === undefined ? [] : [`changed ${why.files.join(', ')}`]),
    ...(why === undefined || why.words.length === 0 ? [] : [`shares ${why.words.join(', ')}`]),
  ];
  return safeLine(words.join('; '));
}

function episodeText(episode: Episode): readonly string[] {
  const { usd, tokens, durationMs, files, failures, tried = [], remedies = [], facts = [] } = episode;
  const spent = [
    ...(durationMs === undefined ? [] : [formatDuration(durationMs)]),
    ...(tokens === undefined ? [] : [`${formatTokens(tokens)} tokens`]),
    ...(usd === undefined ? [] : [formatCost({ kind: 'priced', usd })]),
  ];
  return [
    `Run      ${episode.run}, ${episode.agent}, ${new Date(episode.at).toLocaleString('sv')}`,
    `Task     ${episode.task}`,
    `Outcome  ${[episode.outcome, ...(episode.changes ? [episode.changes] : []), ...spent].join(', ')}`,
    ...(episode.error === undefined ? [] : [`Because  ${episode.error}`]),
    ...(episode.verdict === undefined ? [] : [`Verdict  ${episode.verdict}`]),
    ...(episode.correction === undefined ? [] : [`You said ${episode.correction}`]),
    ...(episode.answer === '' ? [] : [`Answer   ${episode.answer}`]),
    ...files.map((file) => `Changed  ${file}`),
    ...tried.map((line) => `Tried    ${line}`),
    ...failures.map((line) => `Failed   ${line}`),
    ...remedies.map(({ failed, worked }) => `Instead  of ${failed}: ${worked}`),
    ...facts.map((fact) => `Asked to keep  ${fact}`),
    ...stepLine('Failed steps', episode.failedSteps),
    ...stepLine('Steps that changed files', episode.changedSteps),
  ];
}

function stepLine(title: string, steps: readonly string[] | undefined): readonly string[] {
  return steps === undefined ? [] : [`${title}: ${steps.join(', ')}`];
}
