import { isStrataError, messageOf, type StrataError } from '../../../base/errors.ts';
import { engineFailure, type Engine } from '../engine.ts';
import {
  engineDiskFull,
  imageNeedsLogin,
  imageNotFound,
  imagePullFailed,
  imageWrongPlatform,
  registryUnreachable,
} from './errors.ts';

const full = /no space left on device|disk quota exceeded|not enough space/i;
const platform =
  /no matching manifest|does not match the (?:specified|expected) platform|operating system .* cannot be used|no image found in (?:image index|manifest list)/i;
const login =
  /unauthorized|authentication required|no basic auth|denied|requires 'docker login'|status(?: code)?:? 40[13]\b/i;
const missing = /manifest unknown|name unknown|not found|does not exist|manifest for .* not/i;
const network =
  /dial tcp|lookup |no such host|connection re(?:fused|set)|time[d ]?-?out|deadline exceeded|tls|x509|\bEOF\b|no progress|no answer|unreachable|server gave HTTP response/i;

/** Why a pull failed. Engines say it in words only, and differ in them; what is in no list is passed on as it is. */
export async function pullFailure(engine: Engine, image: string, error: unknown): Promise<StrataError> {
  if (isStrataError(error)) return error;
  const gone = await engineFailure(engine);
  if (gone) return gone;
  const detail = messageOf(error);
  return (
    diskFailure(`pulling ${image}`, detail) ?? whyNotPulled(image, detail) ?? imagePullFailed(image, detail)
  );
}

/** The same for a build that begins with an image; undefined when it failed later, where any words may come up. */
export function baseOfBuildFailure(image: string, detail: string): StrataError | undefined {
  return /^(?:.*\n)?(?:pull access denied|manifest |no matching manifest|Get "?https?:|Head "?https?:|error pulling|unauthorized)/.test(
    detail,
  )
    ? whyNotPulled(image, detail)
    : undefined;
}

function whyNotPulled(image: string, detail: string): StrataError | undefined {
  if (platform.test(detail)) return imageWrongPlatform(image, detail);
  if (login.test(detail)) return imageNeedsLogin(image, detail);
  if (network.test(detail)) return registryUnreachable(image, detail);
  if (missing.test(detail)) return imageNotFound(image, detail);
  return undefined;
}

/** The error for a disk that is full, if that is what the engine's words mean. */
export function diskFailure(what: string, detail: string): StrataError | undefined {
  return full.test(detail) ? engineDiskFull(what, detail) : undefined;
}
