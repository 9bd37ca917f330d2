import { Console } from 'node:console';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { constants, Script } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { ownFile } from '../../../own-file.ts';
import { displayed } from './display.ts';
import { openEvaluator } from './evaluate.ts';
import { importName, prepareCode } from './prepare-code.ts';
import type { Answer, Order } from './watcher.ts';

/** Runs cells in this thread, whose globals are the state, and leaves the talking to a second one. */
export function startKernel(): void {
  const watcher = new Worker(ownFile(), { argv: process.argv.slice(2) });
  const answer = (frame: Answer) => watcher.postMessage(frame);
  const evaluate = openEvaluator();
  prepareGlobals((...values) => values.forEach((value) => answer(displayed(value))));

  let count = 0;
  let abandon: (() => void) | undefined;
  const run = async (code: string): Promise<string | undefined> => {
    count += 1;
    const abandoned = new Promise<'abandoned'>((resolve) => (abandon = () => resolve('abandoned')));
    const outcome = await Promise.race([evaluate(prepareCode(code), `cell-${count}.js`), abandoned]);
    if (outcome === 'abandoned')
      return 'The code was waiting for something, which may still come: what it has started is not ended.';
    if (outcome.kind === 'failed') return outcome.error;
    if (outcome.value !== undefined) answer(displayed(outcome.value));
    return undefined;
  };
  watcher.on('message', (order: Order) => {
    if (order.type === 'ping') {
      answer({ type: 'pong' });
      return;
    }
    if (order.type !== 'run') {
      abandon?.();
      return;
    }
    void run(order.code).then((error) => {
      process.stdout.write(order.marker);
      answer(error === undefined ? { type: 'done' } : { type: 'done', error });
    });
  });
  // What a timer or a forgotten promise throws is no reason to lose the state.
  process.on('uncaughtException', (error) => console.error('Uncaught, after its cell was done:', error));
  answer({ type: 'ready' });
}

function prepareGlobals(display: (...values: readonly unknown[]) => void): void {
  const root = process.cwd();
  // One stream for all output, so that its order is kept.
  globalThis.console = new Console({
    stdout: process.stdout,
    stderr: process.stdout,
    inspectOptions: { depth: 4 },
  });
  process.stderr.write = process.stdout.write.bind(process.stdout);
  inspect.defaultOptions.depth = 4;
  // Resolves names as a file in the workspace would.
  const load: unknown = new Script('(name, options) => import(name, options)', {
    filename: join(root, 'cell.js'),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  }).runInThisContext();
  for (const [name, value] of Object.entries({
    require: createRequire(join(root, 'cell.js')),
    display,
    [importName]: load,
  }))
    Object.defineProperty(globalThis, name, {
      value,
      enumerable: false,
      writable: true,
      configurable: true,
    });
}
