import type { StrataFolder } from '../folder.ts';
import type { RunSummary } from '../node/sqlite/index.ts';
import { formatDuration, formatTokens } from '../protocol/format.ts';
import type { RunId } from '../protocol/run-event.ts';
import { usageError } from './arguments.ts';
import type { Arguments } from './arguments.ts';
import type { Perform } from './perform.ts';
import { EXIT } from './exit.ts';
import { inFolder } from './host.ts';
import { printRun } from './run-display.ts';
import { fit, ink, safeLine } from './style.ts';
import type { Terminal } from './terminal.ts';
import { watch } from './watch-run.ts';
import { StrataError } from '../base/errors.ts';

export const run: Perform = (given, terminal) => {
  const [agent, ...words] = given.positionals;
  const task = words.join(' ').trim();
  if (!agent || !task) throw usageError('`strata run` takes an agent and a task.');
  return inFolder(given, terminal, async (folder) =>
    watch(
      folder,
      await folder.start({ agent, task, ...(given.route === undefined ? {} : { route: given.route }) }),
      given,
      terminal,
    ),
  );
};

export const resume: Perform = (given, terminal) =>
  inFolder(given, terminal, async (folder) =>
    watch(folder, await folder.resume(runNamed(folder, given)), given, terminal),
  );

export const runs: Perform = (given, terminal) =>
  inFolder(given, terminal, async (folder) => {
    const top = folder.store.list({ limit: given.limit });
    const list = top.flatMap((run) => (given.all ? withSubRuns(folder, run, 0) : [{ run, depth: 0 }]));
    if (given.json) terminal.print(JSON.stringify(list.map(({ run }) => run)));
    else if (list.length === 0) terminal.print('No runs yet. Start one with: strata run coder "<task>"');
    else {
      const userWidth = Math.min(
        MOST_USER,
        Math.max(...list.map(({ run }) => safeLine(run.user ?? '').length)),
      );
      for (const { run, depth } of list) terminal.print(describe(run, depth, userWidth, terminal));
    }
    return EXIT.done;
  });

export const show: Perform = (given, terminal) =>
  inFolder(given, terminal, async (folder) => {
    const id = runNamed(folder, given);
    if (given.diff) {
      terminal.print(
        (await folder.diff(id, AbortSignal.timeout(DIFF_LIMIT_MS))) || 'The run changed no files.',
      );
    } else if (given.json) {
      terminal.print(JSON.stringify(folder.store.read(id)));
    } else {
      const view = folder.view(id);
      if (view) printRun(terminal.out, view, folder.payload, folder.view);
    }
    return EXIT.done;
  });

const DIFF_LIMIT_MS = 60_000;

/** The run that the command names: its id, the end of it, or "last". */
export function runNamed(
  folder: StrataFolder,
  { command, positionals }: Pick<Arguments, 'command' | 'positionals'>,
): RunId {
  const [name] = positionals;
  if (!name) throw usageError(`\`strata ${command}\` takes a run; \`strata runs\` lists them.`);
  if (folder.store.has(name)) return name;
  const found =
    name === 'last' ? folder.store.list({ limit: 1 }).map(({ id }) => id) : folder.store.endingWith(name);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  throw new StrataError(
    'run-not-found',
    found.length > 1 ? `"${name}" fits ${found.length} runs.` : `There is no run "${name}" in this folder.`,
    'List the runs with `strata runs`, and name the folder with --workspace if it is another one.',
  );
}

/** A run and those below it, each after the one that it is a part of. */
function withSubRuns(
  folder: StrataFolder,
  run: RunSummary,
  depth: number,
): { readonly run: RunSummary; readonly depth: number }[] {
  const parts = folder.store.list({ parent: run.id, limit: MOST_PARTS }).toReversed();
  return [{ run, depth }, ...parts.flatMap((part) => withSubRuns(folder, part, depth + 1))];
}

const MOST_PARTS = 1000;

/** Of a column, which is there where a run that is shown names somebody. */
const MOST_USER = 16;

function describe(summary: RunSummary, depth: number, userWidth: number, { out }: Terminal): string {
  const facts = [
    fit(summary.status, 11),
    fit(safeLine(summary.agent), 10),
    fit(new Date(summary.startedAt).toLocaleString('sv'), 19),
    fit(formatDuration(summary.updatedAt - summary.startedAt), 12),
    fit(`${summary.steps} steps`, 9),
    fit(`${formatTokens(summary.tokens)} tokens`, 12),
    ...(userWidth === 0 ? [] : [fit(safeLine(summary.user ?? ''), userWidth)]),
  ].join('  ');
  const task = [...(summary.origin === 'user' ? [] : [`(${summary.origin})`]), summary.task.slice(0, 80)];
  return `${'  '.repeat(depth)}${ink(out, 'bold', summary.id)}  ${facts}  ${safeLine(task.join(' '))}`;
}
