import { isStrataError, messageOf } from '../../base/errors.ts';
import type { EraMemory } from './eras.ts';
import { serverNotStarted, serverUnreachable, signInNeeded } from './errors.ts';
import { createClient, diedOfProbe, shakeHands } from './handshake.ts';
import { speaksNoStreamable, type HttpSource } from './http/http-link.ts';
import { SignInNeeded } from './http/sign-in.ts';
import { openProcessLink, type Link } from './link.ts';
import type { Answerers } from './questions.ts';
import type { ServerLauncher } from './server-process.ts';
import { Session } from './session.ts';

export type ServerAccess = { readonly launch: ServerLauncher } | { readonly http: HttpSource };

export interface OpenOptions {
  readonly name: string;
  readonly access: ServerAccess;
  readonly answerers: Answerers;
  readonly eras: EraMemory | undefined;
  readonly onStray: (text: string) => void;
  /** Called before the handshake, for what must not be missed. */
  readonly prepare: (session: Session) => void;
}

/** How long an error is held back for the reason of the server's death. */
export const reasonLimitMs = 5000;

/** Starts or reaches a server, and speaks the handshake. Throws a `StrataError`, or an abort error. */
export function openSession(options: OpenOptions, signal: AbortSignal): Promise<Session> {
  const { access } = options;
  return 'launch' in access
    ? fromProcess(options, access.launch, { signal, legacy: false })
    : fromAddress(options, access.http, signal);
}

async function fromProcess(
  options: OpenOptions,
  launch: ServerLauncher,
  { signal, legacy }: { readonly signal: AbortSignal; readonly legacy: boolean },
): Promise<Session> {
  const process = await launch(options.name, signal);
  const link = openProcessLink(process, options);
  const session = begin(options, link);
  try {
    await shakeHands(session.client, link, { eras: options.eras, signal, legacy });
    return session;
  } catch (error) {
    const end = await link.endWithin(reasonLimitMs);
    await session.close();
    signal.throwIfAborted();
    if (end?.kind === 'engine-gone') throw end.error;
    if (isStrataError(error)) throw error;
    // Some older servers end at the first request that is no `initialize`.
    if (!legacy && end?.kind === 'exited' && diedOfProbe(error))
      return fromProcess(options, launch, { signal, legacy: true });
    throw serverNotStarted(options.name, `${link.reason(end, 0) ?? messageOf(error)}.`, error);
  }
}

async function fromAddress(options: OpenOptions, http: HttpSource, signal: AbortSignal): Promise<Session> {
  let kind: 'streamable' | 'sse' = 'streamable';
  let signedIn = false;
  let first: unknown;
  for (;;) {
    const link = await http.open(kind, options);
    const session = begin(options, link);
    try {
      await shakeHands(session.client, link, { eras: options.eras, signal, legacy: kind === 'sse' });
      return session;
    } catch (error) {
      await session.close();
      signal.throwIfAborted();
      const challenge = challengeOf(error);
      if (challenge && !signedIn) {
        signedIn = true;
        await http.signIn.satisfy(challenge, signal);
      } else if (kind === 'streamable' && speaksNoStreamable(error)) {
        kind = 'sse';
        first = error;
      } else throw unreachable(options.name, http, first ?? error);
    }
  }
}

function begin(options: OpenOptions, link: Link): Session {
  const session = new Session(link, createClient(options.answerers, link), options.answerers);
  session.client.onerror = (error) => options.onStray(messageOf(error));
  options.prepare(session);
  return session;
}

/** What a sign-in has to answer, when that is what an error is about. */
export function challengeOf(error: unknown): SignInNeeded['challenge'] | undefined {
  return error instanceof SignInNeeded ? error.challenge : undefined;
}

/** What a person is told of an address that gave no connection. */
export function unreachable(name: string, { url }: HttpSource, error: unknown): Error {
  if (isStrataError(error)) return error;
  if (challengeOf(error)) return signInNeeded(name, 'its server refuses the one that was just made.', error);
  return serverUnreachable(name, url.origin, `${whyOf(error)}.`, error);
}

/** `fetch failed` says nothing; what caused it does. */
export function whyOf(error: unknown): string {
  const text = messageOf(error).replace(/\.$/, '');
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined || cause === error
    ? text.slice(0, 500)
    : `${text.slice(0, 300)} (${whyOf(cause)})`;
}
