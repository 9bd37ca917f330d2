import * as z from 'zod';
import { engineFailure, type Engine } from '../engine.ts';
import { engineRequest, statusOf } from '../engine-request.ts';

const limitMs = 20_000;

const words = z.array(z.string()).nullish();

const imageSchema = z.object({
  Id: z.string(),
  Created: z.string().optional(),
  Os: z.string().catch('linux'),
  Architecture: z.string().catch(''),
  RepoTags: words,
  RepoDigests: words,
  Config: z
    .object({
      Labels: z.record(z.string(), z.string()).nullish(),
      Entrypoint: words,
      Cmd: words,
      Env: words,
    })
    .nullish(),
  Metadata: z.object({ LastTagTime: z.string().optional() }).nullish(),
});

/** What an engine knows of an image, as far as we ask. */
export interface ImageDetails {
  readonly id: string;
  readonly os: string;
  /** In Go's words: `amd64`, `arm64`. */
  readonly architecture: string;
  readonly tags: readonly string[];
  readonly digests: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly environment: readonly string[];
  /** When it was made, or given a name, whichever is later; milliseconds since 1970. */
  readonly lastNamed: number;
}

/** Undefined when the engine does not have the image. */
export async function inspectImage(
  engine: Engine,
  reference: string,
  signal: AbortSignal,
): Promise<ImageDetails | undefined> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
  try {
    const path = `/images/${reference}/json`;
    const answer = await engineRequest(engine.connection, { method: 'GET', path, signal: limit });
    return toDetails(imageSchema.parse(JSON.parse(answer)));
  } catch (error) {
    signal.throwIfAborted();
    if (statusOf(error) === 404) return undefined;
    throw (await engineFailure(engine)) ?? error;
  }
}

function toDetails(image: z.infer<typeof imageSchema>): ImageDetails {
  const { Config: config } = image;
  return {
    id: image.Id,
    os: image.Os,
    architecture: image.Architecture,
    tags: image.RepoTags ?? [],
    digests: image.RepoDigests ?? [],
    labels: config?.Labels ?? {},
    entrypoint: config?.Entrypoint ?? [],
    command: config?.Cmd ?? [],
    environment: config?.Env ?? [],
    lastNamed: Math.max(timeOf(image.Created), timeOf(image.Metadata?.LastTagTime)),
  };
}

/** An image that was never named has the year 1 there. */
function timeOf(text: string | undefined): number {
  const time = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? 0 : Math.max(0, time);
}

const versionSchema = z.object({ Arch: z.string().catch('') });

/** The engine's own processor, in Go's words; '' when it does not say. */
export async function engineArchitecture(engine: Engine, signal: AbortSignal): Promise<string> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
  const answer = await engineRequest(engine.connection, { method: 'GET', path: '/version', signal: limit });
  return versionSchema.parse(JSON.parse(answer)).Arch;
}
