import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { TestContext } from 'node:test';
import type { RunSource } from '../../../extension/src/vscode/trace-panel/ports.ts';
import { chromiumOnPath, openPanel, startBench } from './harness.ts';
import type { OpenPanel, PanelBench, PanelOptions } from './harness.ts';

export interface PanelTests {
  /** Undefined without a browser: such tests are skipped by name. */
  readonly bench: PanelBench | undefined;
  /** Opens the trace of what `make` makes, lets the body look at it, and expects a page without errors and policy violations. */
  readonly panel: <Source extends RunSource & { readonly id: string }>(
    name: string,
    make: () => Source,
    body: (panel: OpenPanel, source: Source, t: TestContext) => Promise<void>,
    options?: PanelOptions | ((source: Source) => PanelOptions),
  ) => void;
}

/** Tests of the trace panel with one browser for all of a file. */
export async function panelTests(): Promise<PanelTests> {
  const executable = chromiumOnPath();
  const bench = executable === undefined ? undefined : await startBench(executable);
  after(() => bench?.dispose());
  return {
    bench,
    panel: (name, make, body, options = {}) => {
      test(name, async (t) => {
        if (!bench) {
          t.skip('needs Chromium: none is on the PATH');
          return;
        }
        const source = make();
        const look = typeof options === 'function' ? options(source) : options;
        const opened = await openPanel(t, bench, source, look);
        await body(opened, source, t);
        assert.deepEqual(opened.problems, []);
      });
    },
  };
}
