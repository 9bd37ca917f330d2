import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { isStrataError, messageOf, type StrataError } from '../../../base/errors.ts';
import { engineFailure, type Engine } from '../engine.ts';
import { engineRequest, statusOf } from '../engine-request.ts';
import { imageBuildFailed } from '../errors.ts';
import { followImageStream, type StreamLine } from '../image-stream.ts';
import { diskFailure } from './engine-words.ts';
import { inspectImage } from './inspect.ts';
import type { ImageOptions } from './prepared-image.ts';
import { streamedRequest } from './streamed-request.ts';

export interface BuildRequest {
  readonly server: string;
  readonly tag: string;
  /** A tar with a Dockerfile in it, made anew for each try. */
  readonly context: () => Readable;
  /** Default: Dockerfile. */
  readonly dockerfile?: string;
  readonly arguments: Readonly<Record<string, string>>;
  /** For Dockerfiles of others; ours have them as a step. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly network: boolean;
  /** Repeat every step, for what they fetch. */
  readonly again?: boolean;
  /** What failed, given what the builder said last; undefined for the general error. */
  readonly failure?: (detail: string) => StrataError | undefined;
}

const buildLimitMs = 20 * 60_000;
const silenceMs = 5 * 60_000;
/** Output of the failed step that is shown. */
const shownCharacters = 600;

/** Another process may remove a step, which the engine has just taken from its cache, before the next one is built on it. */
const STEP_GONE = /unknown parent image ID|failed to set parent/;
const TRIES = 3;

/** Builds an image with the engine's classic builder, which every engine has. What a failed build made is removed again. */
export async function buildImage(
  engine: Engine,
  request: BuildRequest,
  options: ImageOptions,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await buildOnce(engine, request, options);
      return;
    } catch (error) {
      if (tries === TRIES || !STEP_GONE.test(messageOf(error))) throw error;
    }
  }
}

async function buildOnce(engine: Engine, request: BuildRequest, options: ImageOptions): Promise<void> {
  const { signal, onProgress } = options;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(buildLimitMs)]);
  const progress = buildProgress(request.tag, onProgress);
  onProgress(`Building ${request.tag}`);
  try {
    const stream = await streamedRequest(engine, {
      path: '/build',
      query: {
        t: request.tag,
        dockerfile: request.dockerfile ?? 'Dockerfile',
        buildargs: JSON.stringify(request.arguments),
        ...(request.labels ? { labels: JSON.stringify(request.labels) } : {}),
        rm: '1',
        forcerm: '1',
        ...(request.network ? {} : { networkmode: 'none' }),
        ...(request.again ? { nocache: '1' } : {}),
      },
      body: request.context(),
      signal: limit,
      limitMs: buildLimitMs,
    });
    await followImageStream(stream, { signal: limit, silenceMs, onLine: progress.take });
  } catch (error) {
    await removeSteps(engine, progress.made());
    signal.throwIfAborted();
    if (isStrataError(error)) throw error;
    const gone = await engineFailure(engine);
    if (gone) throw gone;
    const detail = [progress.output(), messageOf(error)].filter((text) => text !== '').join('\n');
    throw (
      diskFailure(`building ${request.tag}`, detail) ??
      request.failure?.(detail) ??
      imageBuildFailed(request.server, detail)
    );
  }
}

/**
 * Reads the classic builder's words: `Step 2/5 : RUN …`, then `---> Using cache` or the step's output, then `---> <id>`.
 * A line of output that begins with `strata: `, as in a built-in server's step, is for people and passed on.
 * Podman has other words; there nothing is counted and nothing has to be removed, since it keeps no unfinished images.
 */
function buildProgress(tag: string, onProgress: (text: string) => void) {
  const made: string[] = [];
  let output = '';
  let ours = false;
  const take = ({ text }: StreamLine) => {
    for (const line of text.split('\n')) {
      const step = /^Step (\d+)\/(\d+) : (\w+)/.exec(line);
      if (step) {
        const [, number, all, instruction] = step;
        ours = instruction !== 'FROM';
        output = '';
        onProgress(`Building ${tag}: step ${number} of ${all} (${instruction})`);
        continue;
      }
      const note = /^strata: (.+)$/.exec(line)?.[1];
      if (note !== undefined) onProgress(`${tag}: ${note}`);
      const id = /^\s*---> ([0-9a-f]{12,64})$/.exec(line)?.[1];
      if (id !== undefined && ours) made.push(id);
      else if (/^\s*---> Using cache/.test(line)) ours = false;
      else if (!/^\s*--->|^Removing intermediate container/.test(line))
        output = `${output}${line}\n`.slice(-shownCharacters);
    }
  };
  return { take, made: () => made, output: () => output.trim() };
}

/** From the last to the first, and only what nobody else has built on or given a name. Best effort: they take up disk only. */
async function removeSteps(engine: Engine, ids: readonly string[]): Promise<void> {
  const signal = AbortSignal.timeout(10_000);
  try {
    for (const id of ids.toReversed()) await removeStep(engine, id, signal);
  } catch {
    return; // The engine has gone or does not answer; the reason of the failed build matters more.
  }
}

async function removeStep(engine: Engine, id: string, signal: AbortSignal): Promise<void> {
  // The container of the step that was cut off is being removed, and until then it holds the image.
  for (let tries = 0; tries < 10; tries += 1) {
    const found = await inspectImage(engine, id, signal);
    if (!found || found.tags.length > 0) return;
    try {
      await engineRequest(engine.connection, {
        method: 'DELETE',
        path: `/images/${id}?noprune=true`,
        signal,
      });
      return;
    } catch (error) {
      if (statusOf(error) !== 409) throw error;
      await delay(200, undefined, { signal });
    }
  }
}
