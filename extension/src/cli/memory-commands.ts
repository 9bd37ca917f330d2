import { setTimeout as sleep } from 'node:timers/promises';
import type { EmbedderState, Memory } from '../core/memory/index.ts';
import { ink, safeLine, safeText } from './style.ts';
import { usageError } from './arguments.ts';
import type { Perform } from './perform.ts';
import { EXIT } from './exit.ts';
import { inFolder } from './host.ts';
import { onInterrupt } from './interrupt.ts';

export const index: Perform = (given, terminal) =>
  inFolder(given, terminal, async ({ memory }) => {
    const stop = new AbortController();
    const interrupts = onInterrupt(() => stop.abort());
    try {
      const live = terminal.out.isTTY && !given.json;
      const report = await memory.index({
        signal: stop.signal,
        ...(live
          ? { onProgress: ({ done, total }) => void terminal.out.write(`\r${done} of ${total} files`) }
          : {}),
      });
      if (live) terminal.out.write('\r\u001b[2K');
      const embedder = await embedded(memory, stop.signal, ({ embedded: done, total }) => {
        if (live) terminal.out.write(`\r${done} of ${total} texts embedded`);
      });
      if (live) terminal.out.write('\r\u001b[2K');
      if (embedder?.problem)
        terminal.complain(safeText(`${embedder.problem.message}\n${embedder.problem.action}`));
      for (const note of report.notes ?? []) terminal.complain(safeText(note));
      if (given.json) terminal.print(JSON.stringify(report));
      else {
        terminal.print(
          `${report.files} files in ${report.chunks} chunks: ${report.changed} read anew, ${report.removed} removed, ${report.skipped} left out.`,
        );
      }
      return EXIT.done;
    } finally {
      interrupts.dispose();
    }
  });

/** Vectors are made beside the index, and end with the process: waits until all are there, or something is wrong. */
async function embedded(
  memory: Memory,
  signal: AbortSignal,
  onProgress: (state: EmbedderState) => void,
): Promise<EmbedderState | undefined> {
  for (;;) {
    const { embedder, kept } = await memory.state();
    // A window that keeps the index makes them.
    if (embedder === undefined || kept === 'elsewhere') return embedder;
    if (embedder.problem !== undefined || embedder.embedded >= embedder.total) return embedder;
    onProgress(embedder);
    await sleep(LOOK_MS, undefined, { signal });
  }
}

const LOOK_MS = 200;

export const search: Perform = (given, terminal) => {
  const query = given.positionals.join(' ').trim();
  if (!query) throw usageError('`strata search` takes the words to look for.');
  return inFolder(given, terminal, async ({ memory }) => {
    const options = { limit: given.limit, signal: AbortSignal.timeout(SEARCH_LIMIT_MS) };
    const hits = await memory.search(query, options);
    if (given.json) terminal.print(JSON.stringify(hits));
    else if (hits.length === 0) {
      const { files } = await memory.stats();
      terminal.print(
        files === 0 ? 'The folder is not indexed yet. Index it with: strata index' : 'Nothing found.',
      );
    } else {
      for (const hit of hits) {
        const place = `${safeLine(hit.path)}:${hit.startLine}`;
        terminal.print(`${ink(terminal.out, 'cyan', place)}  ${safeLine(hit.symbol ?? '')}`);
        terminal.print(ink(terminal.out, 'dim', preview(hit.text)));
      }
    }
    return EXIT.done;
  });
};

const SEARCH_LIMIT_MS = 60_000;

function preview(text: string): string {
  return safeText(text)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, 3)
    .map((line) => `    ${line.slice(0, 100)}`)
    .join('\n');
}
