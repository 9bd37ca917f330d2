import type { Perform } from './perform.ts';
import { EXIT } from './exit.ts';
import { inFolder } from './host.ts';
import { ink, safeText } from './style.ts';

const LIMIT_MS = 5 * 60_000;

export const tools: Perform = (given, terminal) =>
  inFolder(given, terminal, async (folder) => {
    const catalogue = await folder.tools(AbortSignal.timeout(LIMIT_MS), (text) => {
      if (!given.json) terminal.complain(safeText(text));
    });
    if (given.json) terminal.print(JSON.stringify(catalogue));
    else {
      for (const { name, effect, description } of catalogue.tools) {
        terminal.print(
          `${ink(terminal.out, 'bold', name.padEnd(18))} ${effect.padEnd(10)} ${safeText(description.split('\n')[0] ?? '')}`,
        );
      }
      for (const note of catalogue.notes) terminal.complain(safeText(note));
    }
    return EXIT.done;
  });
