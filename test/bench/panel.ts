import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromiumOnPath, openPanel, startBench } from '../integration/panel/harness.ts';
import type { PanelBench } from '../integration/panel/harness.ts';
import { measureFrames } from './panel/frames.ts';
import { measureLive } from './panel/live.ts';
import { memoryOf } from './panel/memory.ts';
import { openLog } from './panel/log.ts';
import type { LogOfRuns } from './panel/log.ts';
import { painted } from './panel/painted.ts';
import { atMost, inform, median } from './support/row.ts';
import type { Row } from './support/row.ts';

const SMALL = { steps: 10_000, bytes: 1200 };
const LARGE = { steps: 100_000, bytes: 100 };
const ROUNDS = 5;
const MB = 1_000_000;

/**
 * The trace panel in a real browser with software rendering, its page and bundle under the policy that the extension gives them
 * and the host's half behind it, on runs in a run log. A click is measured up to the frame in which the timeline is there.
 */
export async function run(): Promise<readonly Row[]> {
  const executable = chromiumOnPath();
  if (executable === undefined) throw new Error('The benchmark needs Chromium, and none is on the PATH');
  const folder = await mkdtemp(path.join(tmpdir(), 'strata-bench-'));
  const log = openLog(path.join(folder, 'runs.db'));
  const bench = await startBench(executable);
  try {
    log.record('r-first', { steps: 20, bytes: 100 });
    log.record('r-small', SMALL);
    log.record('r-large', LARGE);
    return [
      ...(await opening(bench, log, 'r-small', '10,000 steps', 300)),
      ...(await opening(bench, log, 'r-large', '100,000 steps', 1000)),
      ...(await atWork(bench, log)),
      atMost('script and styles, minified', 'KB', 300, bench.bytes / 1000),
    ];
  } finally {
    await bench.dispose();
    log.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

async function opening(
  bench: PanelBench,
  log: LogOfRuns,
  run: string,
  words: string,
  limit: number,
): Promise<readonly Row[]> {
  const ends: (() => unknown)[] = [];
  const opened = await openPanel({ after: (end) => void ends.push(end) }, bench, log.source('r-first'));
  try {
    await painted(opened.page, 20);
    const steps = log.steps(run);
    const times: { readonly cold: number; readonly kept: number; readonly read: number }[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      log.forget();
      const begun = performance.now();
      const read = log.view(run);
      const folded = performance.now();
      opened.session.show(run);
      await painted(opened.page, steps);
      const end = performance.now();
      times.push({ cold: end - begun, kept: end - folded, read: folded - begun });
      if (!read) throw new Error(`There is no run ${run}`);
      opened.session.show('r-first');
      await painted(opened.page, 20);
    }
    return [
      atMost(`${words}: click to painted timeline`, 'ms', limit, median(times.map(({ kept }) => kept))),
      inform(`${words}: the same, with reading the log first`, 'ms', median(times.map(({ cold }) => cold))),
    ];
  } finally {
    for (const end of ends) await end();
  }
}

async function atWork(bench: PanelBench, log: LogOfRuns): Promise<readonly Row[]> {
  const ends: (() => unknown)[] = [];
  const opened = await openPanel({ after: (end) => void ends.push(end) }, bench, log.source('r-large'));
  try {
    await painted(opened.page, LARGE.steps);
    const memory = await memoryOf(opened.page);
    const frames = await measureFrames(opened.page);
    const live = await measureLive(log);
    return [
      atMost('100,000 steps: memory of the page, its heap and buffers', 'MB', 150, memory / MB),
      atMost('zooming and panning at 100,000 steps, 95 % of frames', 'ms', 20, frames.zoom),
      atMost('scrolling at 100,000 steps, 95 % of frames', 'ms', 20, frames.scroll),
      inform('dragging the scroll bar through 100,000 steps, 95 % of frames', 'ms', frames.jump),
      inform('script of a frame while zooming, 95 %', 'ms', frames.zoomWork),
      inform('script of a frame while scrolling, 95 %', 'ms', frames.scrollWork),
      atMost('a live run with 200 events a second: the host', '% of a core', 2, live.share * 100),
      atMost('a live run with 200 events a second: events dropped', 'events', 0, live.dropped),
    ];
  } finally {
    for (const end of ends) await end();
  }
}
