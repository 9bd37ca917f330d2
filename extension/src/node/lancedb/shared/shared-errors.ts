import { isAbort, isStrataError } from '../../../base/errors.ts';
import {
  sharedMemoryDenied,
  sharedMemoryMissing,
  sharedMemoryMistake,
  sharedMemoryUnreachable,
  type SharedPlace,
} from '../../../core/memory/index.ts';

/** What a failure of the place itself means to a person; undefined where it is another one. */
export function sharedProblem(error: unknown, { uri, storageOptions }: SharedPlace): Error | undefined {
  if (isStrataError(error) || isAbort(error)) return error instanceof Error ? error : undefined;
  let text = error instanceof Error ? error.message : String(error);
  for (const [name, value] of Object.entries(storageOptions))
    if (value.length > 3 && /key|secret|token/.test(name)) text = text.replaceAll(value, '…');
  const cause = new Error(text);
  // In this order: each attempt of a request is told, and the answer of the server says more than how often it was asked.
  if (/no (?:azure )?account name|unknown configuration|unable to find object store/i.test(text))
    return sharedMemoryMistake((text.split('\n')[0] ?? '').replace(/^.*?input: /, '').replace(/, \/.*$/, ''));
  if (/NoSuchBucket|ContainerNotFound|bucket does not exist/.test(text))
    return sharedMemoryMissing(uri, cause);
  if (/builder error/.test(text))
    return sharedMemoryMistake('its “endpoint” is no https address, and “allow_http” is not set');
  if (
    /\b40[13]\b|AccessDenied|InvalidAccessKeyId|SignatureDoesNotMatch|Unauthorized|failed to get aws credentials|token request|missing.*(?:key|credential)/i.test(
      text,
    )
  )
    return sharedMemoryDenied(uri, cause);
  if (
    /error sending request|HTTP error|timed? ?out|\b5\d\d\b.*(?:Unavailable|Error|Timeout)|connection|dns|retries/i.test(
      text,
    )
  )
    return sharedMemoryUnreachable(uri, cause);
  return undefined;
}

/** LanceDB tries a server that is silent for the better part of a minute, and whoever asked has gone by then. */
export async function answeredWithin<T>(ms: number, place: SharedPlace, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(sharedMemoryUnreachable(place.uri, new Error(`no answer within ${String(ms / 1000)} s`))),
      ms,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
