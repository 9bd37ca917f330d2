import { writeFileSync } from 'node:fs';
import type { RunHandle, RunEnd } from '../core/orchestration/index.ts';
import type { StrataFolder } from '../folder.ts';
import type { RunSummary } from '../node/sqlite/index.ts';
import { formatDuration, formatTokens } from '../protocol/format.ts';
import type { RunId } from '../protocol/run-event.ts';
import { usageError } from './arguments.ts';
import type { Arguments } from './arguments.ts';
import type { Perform } from './perform.ts';
import { EXIT } from './exit.ts';
import { inFolder } from './host.ts';
import { onInterrupt } from './interrupt.ts';
import { createRunDisplay, headLines, printRun } from './run-display.ts';
import { fit, ink, safeLine } from './style.ts';
import type { Terminal } from './terminal.ts';
import { StrataError } from '../base/errors.ts';

export const run: Perform = (given, terminal) => {
  const [agent, ...words] = given.positionals;
  const task = words.join(' ').trim();
  if (!agent || !task) throw usageError('`strata run` takes an agent and a task.');
  return inFolder(given, terminal, async (folder) =>
    watch(folder, await folder.start({ agent, task }), given, terminal),
  );
};

export const resume: Perform = (given, terminal) =>
  inFolder(given, terminal, async (folder) =>
    watch(folder, await folder.resume(runNamed(folder, given)), given, terminal),
  );

export const runs: Perform = (given, terminal) =>
  inFolder(given, terminal, async (folder) => {
    const list = folder.store.list({ limit: given.limit });
    if (given.json) terminal.print(JSON.stringify(list));
    else if (list.length === 0) terminal.print('No runs yet. Start one with: strata run coder "<task>"');
    else for (const summary of list) terminal.print(describe(summary, terminal));
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
      if (view) printRun(terminal.out, view, folder.payload);
    }
    return EXIT.done;
  });

const DIFF_LIMIT_MS = 60_000;

/** The run that the command names: its id, the end of it, or "last". */
export function runNamed(folder: StrataFolder, { command, positionals }: Arguments): RunId {
  const [name] = positionals;
  if (!name) throw usageError(`\`strata ${command}\` takes a run; \`strata runs\` lists them.`);
  if (folder.store.has(name)) return name;
  const list = folder.store.list({ limit: 10_000 });
  const found = name === 'last' ? list.slice(0, 1) : list.filter(({ id }) => id.endsWith(name));
  const [only] = found;
  if (only && found.length === 1) return only.id;
  throw new StrataError(
    'run-not-found',
    found.length > 1 ? `"${name}" fits ${found.length} runs.` : `There is no run "${name}" in this folder.`,
    'List the runs with `strata runs`, and name the folder with --workspace if it is another one.',
  );
}

/** Shows the run while it goes on. A run that cannot be shown is stopped, and not left to itself. */
async function watch(
  folder: StrataFolder,
  handle: RunHandle,
  given: Arguments,
  terminal: Terminal,
): Promise<number> {
  const display = createRunDisplay(terminal.out, folder.payload);
  const shown = given.json
    ? undefined
    : folder.store.onDidAppend((events) =>
        events.filter((event) => event.run === handle.run).forEach(display.show),
      );
  const interrupts = onInterrupt(handle.stop, display.close);
  try {
    const file = process.env['STRATA_RUN_ID_FILE'];
    if (file) writeFileSync(file, handle.run);
    const view = folder.view(handle.run);
    if (!given.json && view) {
      for (const line of headLines(terminal.out, view)) terminal.print(line);
      folder.store.read(handle.run).forEach(display.show);
    }
    const end = await handle.ended;
    if (given.json) terminal.print(JSON.stringify(asJson(end)));
    else for (const hint of whatNext(end, folder, given)) terminal.print(hint);
    return exitCode(end);
  } catch (error) {
    handle.stop();
    await handle.ended.catch(() => undefined);
    throw error;
  } finally {
    shown?.dispose();
    display.close();
    interrupts.dispose();
  }
}

function whatNext({ run, status }: RunEnd, folder: StrataFolder, { namedWorkspace }: Arguments): string[] {
  // As it was called: in a clone the command is not on the path.
  const strata = process.env['STRATA_COMMAND'] ?? 'strata';
  const where = namedWorkspace ? ` --workspace ${JSON.stringify(folder.folder)}` : '';
  if (status === 'paused' || status === 'stopped') return [`Go on with: ${strata} resume ${run}${where}`];
  if (!folder.changes(run)) return [];
  return [
    `Look at them with: ${strata} show ${run} --diff${where}`,
    `Apply them with:   ${strata} apply ${run}${where}`,
  ];
}

function exitCode(end: RunEnd): number {
  switch (end.status) {
    case 'succeeded':
      return EXIT.done;
    case 'paused':
      return EXIT.waits;
    case 'stopped':
      return EXIT.stopped;
    case 'failed':
      return EXIT.failed;
  }
}

function asJson(end: RunEnd): Record<string, unknown> {
  const error = end.error instanceof Error ? { error: end.error.message } : {};
  return { run: end.run, status: end.status, ...('answer' in end ? { answer: end.answer } : {}), ...error };
}

function describe(summary: RunSummary, { out }: Terminal): string {
  const facts = [
    fit(summary.status, 11),
    fit(safeLine(summary.agent), 10),
    fit(new Date(summary.startedAt).toLocaleString('sv'), 19),
    fit(formatDuration(summary.updatedAt - summary.startedAt), 12),
    fit(`${summary.steps} steps`, 9),
    fit(`${formatTokens(summary.tokens)} tokens`, 12),
  ].join('  ');
  return `${ink(out, 'bold', summary.id)}  ${facts}  ${safeLine(summary.task.slice(0, 80))}`;
}
