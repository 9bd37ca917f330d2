import { writeFileSync } from 'node:fs';
import type { RunEnd, RunHandle } from '../core/orchestration/index.ts';
import type { StrataFolder } from '../folder.ts';
import type { Arguments } from './arguments.ts';
import { EXIT } from './exit.ts';
import { onInterrupt } from './interrupt.ts';
import { createRunDisplay, headLines } from './run-display.ts';
import type { Terminal } from './terminal.ts';

/** Shows the run while it goes on. A run that cannot be shown is stopped, and not left to itself. */
export async function watch(
  folder: StrataFolder,
  handle: RunHandle,
  given: Arguments,
  terminal: Terminal,
): Promise<number> {
  const { run } = handle;
  const display = createRunDisplay(terminal.out, folder.payload, folder.view, () => terminal.asking);
  // The id of a sub-run begins with that of its run.
  const shown = given.json
    ? undefined
    : folder.store.onDidAppend((events) =>
        events.filter((event) => event.run === run || event.run.startsWith(`${run}-`)).forEach(display.show),
      );
  const interrupts = onInterrupt(handle.stop, display.close);
  try {
    const file = process.env['STRATA_RUN_ID_FILE'];
    if (file) writeFileSync(file, run);
    const view = folder.view(run);
    if (!given.json && view) {
      for (const line of headLines(terminal.out, view)) terminal.print(line);
      folder.store.read(run).forEach(display.show);
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
