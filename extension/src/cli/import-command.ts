import path from 'node:path';
import { usageError } from './arguments.ts';
import { EXIT } from './exit.ts';
import { inFolder } from './host.ts';
import type { Perform } from './perform.ts';
import { safeLine } from './style.ts';

const LIMIT_MS = 10 * 60_000;

/** Makes runs of the traces in a file of another program. */
export const importCommand: Perform = (given, terminal) => {
  const [file] = given.positionals;
  if (file === undefined) throw usageError('`strata import` takes a file of OTLP traces.');
  return inFolder(given, terminal, async (folder) => {
    const signal = AbortSignal.timeout(LIMIT_MS);
    const { runs, spans, unreadable } = await folder.importTraces(path.resolve(file), { signal });
    if (given.json) {
      terminal.print(JSON.stringify({ runs: runs.map(({ run }) => run), spans, unreadable }));
      return EXIT.done;
    }
    for (const { run } of runs) {
      const view = folder.view(run);
      const steps = view?.steps.length ?? 0;
      terminal.print(
        `${run}  ${safeLine(view?.agent ?? '')}  ${steps === 1 ? '1 step' : `${steps} steps`}  ${safeLine((view?.task ?? '').slice(0, 80))}`,
      );
    }
    if (unreadable > 0)
      terminal.complain(`${unreadable} spans or lines could not be read and were left out.`);
    terminal.print('See one with: strata show <run>');
    return EXIT.done;
  });
};
