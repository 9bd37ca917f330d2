import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData as given } from 'node:worker_threads';
import * as z from 'zod';
import { messageOf } from '../../../base/errors.ts';
import { toWorker, workerData, type FromWorker } from './worker-messages.ts';

/** The thread of a local model: it loads the runtime from where it was downloaded to, and makes vectors of texts. */

const MODEL = 'local/model';

const tensor = z.object({ data: z.instanceof(Float32Array), dims: z.array(z.number()) });

async function load(): Promise<(texts: readonly string[]) => Promise<z.infer<typeof tensor>>> {
  const data = workerData.parse(given);
  // The build for browsers looks for Node by this, and would then want the native runtime.
  Object.defineProperty(process, 'release', { value: { name: 'worker' } });
  const ort: unknown = await importFile(data.runtime, 'ort.mjs');
  const wasm = objectIn(objectIn(ort, 'env'), 'wasm');
  Reflect.set(wasm, 'wasmBinary', await readFile(path.join(data.runtime, 'ort.wasm')));
  // Without it the library would point the runtime to a content network.
  Reflect.set(wasm, 'wasmPaths', { wasm: pathToFileURL(path.join(data.runtime, 'ort.wasm')).href });
  // One thread: this is work for idle times.
  Reflect.set(wasm, 'numThreads', 1);
  Reflect.set(globalThis, Symbol.for('onnxruntime'), ort);
  const loaded: unknown = await importFile(data.runtime, 'transformers.mjs');
  const env = objectIn(loaded, 'env');
  Reflect.set(env, 'allowLocalModels', false);
  Reflect.set(env, 'useBrowserCache', false);
  Reflect.set(env, 'fetch', localFiles(data.folder, new Set(data.names)));
  const pipeline = objectIn(loaded, 'pipeline');
  const extract = await called(pipeline, [
    'feature-extraction',
    MODEL,
    { dtype: data.weights, device: 'auto' },
  ]);
  return async (texts) => {
    const options = { pooling: data.pooling, normalize: true };
    return tensor.parse(await called(extract, [[...texts], options]));
  };
}

// The library itself and no copy of it is set up, so its parts are looked at one by one.
function objectIn(value: unknown, name: string): object {
  const found: unknown = isObject(value) ? Reflect.get(value, name) : undefined;
  if (isObject(found)) return found;
  throw new Error(`the runtime has no "${name}"`);
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

async function called(value: unknown, given: readonly unknown[]): Promise<unknown> {
  if (typeof value !== 'function') throw new Error('the runtime gave no function where one is called');
  return (await Reflect.apply(value, undefined, given)) as unknown;
}

async function importFile(folder: string, name: string): Promise<unknown> {
  return (await import(pathToFileURL(path.join(folder, name)).href)) as unknown;
}

/** In place of the network, which this thread has no use for: everything was downloaded and checked before. */
function localFiles(folder: string, names: ReadonlySet<string>): (url: unknown) => Promise<Response> {
  return async (url) => {
    const name = /\/resolve\/[^/]+\/(.+)$/.exec(String(url))?.[1] ?? '';
    if (!names.has(name)) return new Response(null, { status: 404 });
    const content = await readFile(path.join(folder, name));
    return new Response(new Uint8Array(content), { headers: { 'content-length': String(content.length) } });
  };
}

function send(message: FromWorker, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

const embed = await load();
parentPort?.on('message', (raw) => void answer(raw));
send({ ready: true });

async function answer(raw: unknown): Promise<void> {
  const { id, texts } = toWorker.parse(raw);
  try {
    const { data, dims } = await embed(texts);
    const numbers = Float32Array.from(data);
    send({ id, numbers, dimension: dims.at(-1) ?? 0 }, [numbers.buffer]);
  } catch (error) {
    send({ id, failure: messageOf(error) });
  }
}
