import { writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { asMarkdown } from '../core/doctor/report.ts';
import { strataHome } from '../node/home.ts';
import { VERSION } from '../version.ts';
import type { Perform } from './perform.ts';
import { EXIT } from './exit.ts';
import { inFolder } from './host.ts';
import { ink, safeText } from './style.ts';

export const doctor: Perform = (given, terminal) =>
  inFolder(given, terminal, async (folder) => {
    const { diagnose } = await import('../doctor.ts');
    const checks = await diagnose(folder, { home: strataHome(), version: VERSION });
    // For a bug report: the table names neither the user nor a key.
    if (given.out !== undefined) await writeFile(given.out, asMarkdown(checks, homedir()));
    if (given.json) terminal.print(JSON.stringify(checks));
    else {
      for (const { name, state, text, fix } of checks) {
        const colour = state === 'ok' ? 'green' : state === 'warning' ? 'yellow' : 'red';
        const sign = state === 'ok' ? '✔' : state === 'warning' ? '!' : '✖';
        terminal.print(`${ink(terminal.out, colour, sign)} ${name.padEnd(8)} ${safeText(text)}`);
        if (fix) terminal.print(`           ${safeText(fix)}`);
      }
    }
    return checks.some(({ state }) => state === 'missing') ? EXIT.failed : EXIT.done;
  });
