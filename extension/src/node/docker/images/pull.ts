import type { Engine } from '../engine.ts';
import { followImageStream, type StreamLine } from '../image-stream.ts';
import { pullFailure } from './engine-words.ts';
import { imageNameInvalid } from './errors.ts';
import type { ImageOptions } from './prepared-image.ts';
import { registryLogin } from './registry-login.ts';
import { streamedRequest } from './streamed-request.ts';

/** `[registry[:port]/]path[:tag][@digest]`, which also keeps it from naming anything else of the engine's API. */
const reference =
  /^(?:[a-zA-Z0-9][a-zA-Z0-9.-]*(?::\d+)?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/;

export function checkImageName(image: string): void {
  if (image.length > 512 || !(reference.test(image) || /^sha256:[0-9a-f]{64}$/.test(image)))
    throw imageNameInvalid(image);
}

/** Pulls an image, with progress in bytes. Throws a `StrataError` that says why it cannot be had. */
export async function pullImage(engine: Engine, image: string, options: ImageOptions): Promise<void> {
  const { signal, onProgress } = options;
  onProgress(`Pulling ${image}`);
  const progress = pullProgress(image, onProgress);
  try {
    const login = await registryLogin(image, signal);
    // A registry that cannot be reached may be noticed only after many seconds; a pull that moves may take as long as it needs.
    const stream = await streamedRequest(engine, {
      path: '/images/create',
      query: { fromImage: withTag(image) },
      ...(login === undefined ? {} : { headers: { 'x-registry-auth': login } }),
      signal,
      limitMs: 30_000,
    });
    await followImageStream(stream, { signal, silenceMs: 60_000, onLine: progress });
  } catch (error) {
    signal.throwIfAborted();
    throw await pullFailure(engine, image, error);
  }
}

/** Without a tag the engine would pull every tag there is. */
function withTag(image: string): string {
  return /[:@][^/]*$/.test(image) ? image : `${image}:latest`;
}

const megabyte = 1000 * 1000;

/** One line for each percent of all layers together. The engine learns of layers on the way, so the whole may still grow. */
function pullProgress(image: string, onProgress: (text: string) => void): (line: StreamLine) => void {
  const layers = new Map<string, { current: number; total: number }>();
  let shown = '';
  return ({ text, layer, current, total }) => {
    if (layer === undefined) return;
    const known = layers.get(layer);
    if (text === 'Downloading' && current !== undefined && total !== undefined && total > 0)
      layers.set(layer, { current, total });
    else if (known && /complete$/i.test(text)) known.current = known.total;
    else return;
    const sizes = [...layers.values()];
    const all = sizes.reduce((sum, size) => sum + size.total, 0);
    const done = sizes.reduce((sum, size) => sum + Math.min(size.current, size.total), 0);
    const line = `Pulling ${image}: ${megabytes(done)} of ${megabytes(all)} MB (${Math.floor((100 * done) / all)} %)`;
    if (line === shown) return;
    shown = line;
    onProgress(line);
  };
}

function megabytes(bytes: number): string {
  return (bytes / megabyte).toFixed(bytes < 10 * megabyte ? 1 : 0);
}
