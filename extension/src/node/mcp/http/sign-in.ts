import {
  auth,
  computeScopeUnion,
  extractWWWAuthenticateParams,
  isStrictScopeSuperset,
  type FetchLike,
  type OAuthClientProvider,
  type OAuthDiscoveryState,
} from '@modelcontextprotocol/client';
import { randomUUID } from 'node:crypto';
import { isStrataError, messageOf } from '../../../base/errors.ts';
import type { SignInStore } from '../../../core/tools/tool-host.ts';
import { signInNeeded } from '../errors.ts';
import { addressProblem } from './guarded-fetch.ts';
import { openRedirectReceiver, type RedirectReceiver } from './redirect-receiver.ts';
import { readRecord, writeRecord, type SignInRecord } from './sign-in-record.ts';

/** How long a person has for it in the browser. */
const signInLimitMs = 5 * 60_000;

export interface SignInOptions {
  readonly server: string;
  readonly url: URL;
  readonly store: SignInStore;
  readonly fetch: FetchLike;
  /** Opens the browser; false, or absent, where that cannot be done. */
  readonly openAddress?: (url: string) => Promise<boolean>;
  /** A client that was registered by hand. */
  readonly client?: { readonly id: string; readonly secret?: string };
  /** An address at which Strata's own description as a client can be read, for servers that take one. */
  readonly clientMetadataUrl?: string;
}

/** The server wants a sign-in, or one for more. Its name lets it pass through the SDK's probe as it is. */
export class SignInNeeded extends Error {
  override readonly name = 'UnauthorizedError';
  readonly challenge: Challenge;

  constructor(challenge: Challenge) {
    super('The server wants a sign-in.');
    this.challenge = challenge;
  }
}

interface Challenge {
  readonly status: 401 | 403;
  readonly scope?: string;
  readonly resourceMetadataUrl?: URL;
  /** The token that was not enough. */
  readonly token: string | undefined;
}

/**
 * OAuth for one server. Requests carry the token that there is; an answer that asks for another becomes `SignInNeeded`,
 * outside of the request's own time limit, since a person takes longer than a server.
 */
export class SignIn {
  readonly #options: SignInOptions;
  readonly #key: string;
  #record: Promise<SignInRecord> | undefined;
  #flow: Promise<void> | undefined;

  constructor(options: SignInOptions) {
    this.#options = options;
    this.#key = `mcp-sign-in:${options.url.origin}${options.url.pathname}`;
  }

  readonly fetch: FetchLike = async (input, init) => {
    const { tokens } = await this.#read();
    const headers = new Headers(init?.headers);
    if (tokens) headers.set('authorization', `Bearer ${tokens.access_token}`);
    const response = await this.#options.fetch(input, { ...init, headers });
    if (response.status !== 401 && response.status !== 403) return response;
    const { resourceMetadataUrl, scope, error } = extractWWWAuthenticateParams(response);
    if (response.status === 403 && error !== 'insufficient_scope') return response;
    await response.body?.cancel();
    throw new SignInNeeded({
      status: response.status,
      token: tokens?.access_token,
      ...(scope === undefined ? {} : { scope }),
      ...(resourceMetadataUrl ? { resourceMetadataUrl } : {}),
    });
  };

  /** Gets a token that answers the challenge: by refreshing, or by asking the person. One at a time. */
  async satisfy(challenge: Challenge, signal: AbortSignal): Promise<void> {
    for (;;) {
      const running = this.#flow;
      if (!running) break;
      await running.catch(() => undefined); // It has told the one who asked for it.
      signal.throwIfAborted();
    }
    const { tokens } = await this.#read();
    if (challenge.token !== tokens?.access_token) return; // Somebody else's sign-in has brought a newer one.
    const flow = this.#run(challenge, signal);
    this.#flow = flow;
    try {
      await flow;
    } catch (error) {
      signal.throwIfAborted();
      throw isStrataError(error) ? error : signInNeeded(this.#options.server, `${messageOf(error)}.`, error);
    } finally {
      this.#flow = undefined;
    }
  }

  async #run(challenge: Challenge, outer: AbortSignal): Promise<void> {
    const record = await this.#read();
    const state = randomUUID();
    const receiver = await openRedirectReceiver({ state, port: record.port });
    const signal = AbortSignal.any([outer, AbortSignal.timeout(signInLimitMs)]);
    try {
      const provider = this.#provider(receiver, state);
      const held = record.tokens?.scope;
      const scope = challenge.status === 403 ? computeScopeUnion(held, challenge.scope) : challenge.scope;
      const { resourceMetadataUrl } = challenge;
      const options = {
        serverUrl: this.#options.url,
        fetchFn: withSignal(this.#options.fetch, signal),
        ...(scope === undefined ? {} : { scope }),
        ...(resourceMetadataUrl ? { resourceMetadataUrl } : {}),
      };
      // A refresh cannot give more than there was.
      const forceReauthorization = isStrictScopeSuperset(scope, held);
      const result = await auth(provider, { ...options, forceReauthorization });
      if (result === 'AUTHORIZED') return;
      const query = await receiver.wait(signal);
      const iss = query.get('iss');
      // What else the query says may come from an attacker and is shown to nobody.
      await auth(provider, {
        ...options,
        authorizationCode: query.get('code') ?? this.#refused(query),
        ...(iss === null ? {} : { iss }),
      });
    } catch (error) {
      if (signal.aborted && !outer.aborted)
        throw signInNeeded(this.#options.server, 'nobody finished it in the browser within five minutes.');
      throw error;
    } finally {
      receiver.close();
    }
  }

  #refused(query: URLSearchParams): never {
    const denied = query.get('error') === 'access_denied';
    throw signInNeeded(
      this.#options.server,
      denied ? 'it was refused in the browser.' : 'the browser came back without a permission.',
    );
  }

  #provider(receiver: RedirectReceiver, state: string): OAuthClientProvider {
    const { server, url, openAddress, client, clientMetadataUrl } = this.#options;
    let verifier = '';
    let discovery: OAuthDiscoveryState | undefined;
    return {
      redirectUrl: receiver.url,
      ...(clientMetadataUrl === undefined ? {} : { clientMetadataUrl }),
      clientMetadata: {
        client_name: 'Strata',
        redirect_uris: [receiver.url],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
      },
      state: () => state,
      clientInformation: async () => {
        if (client)
          return { client_id: client.id, ...(client.secret ? { client_secret: client.secret } : {}) };
        const record = await this.#read();
        // What was registered with another port may be refused with this one.
        return record.port === receiver.port ? record.client : undefined;
      },
      ...(client
        ? {}
        : { saveClientInformation: (given) => this.#change({ client: given, port: receiver.port }) }),
      tokens: async () => (await this.#read()).tokens,
      saveTokens: (tokens) => this.#change({ tokens }),
      saveCodeVerifier: (given) => void (verifier = given),
      codeVerifier: () => verifier,
      saveDiscoveryState: (found) => void (discovery = found),
      discoveryState: () => discovery,
      invalidateCredentials: async (scope) => {
        const { client: kept, tokens, ...rest } = await this.#read();
        if (scope === 'all' || scope === 'discovery') discovery = undefined;
        await this.#write({
          ...rest,
          ...(kept && scope !== 'all' && scope !== 'client' ? { client: kept } : {}),
          ...(tokens && scope !== 'all' && scope !== 'tokens' ? { tokens } : {}),
        });
      },
      redirectToAuthorization: async (address) => {
        const problem = addressProblem(address, url);
        if (problem !== undefined) throw signInNeeded(server, problem);
        if ((await openAddress?.(address.href)) !== true)
          throw signInNeeded(server, 'no browser can be opened here.');
      },
    };
  }

  #read(): Promise<SignInRecord> {
    this.#record ??= readRecord(this.#options.store, this.#key);
    return this.#record;
  }

  async #change(part: SignInRecord): Promise<void> {
    await this.#write({ ...(await this.#read()), ...part });
  }

  async #write(record: SignInRecord): Promise<void> {
    this.#record = Promise.resolve(record);
    await writeRecord(this.#options.store, this.#key, record);
  }
}

function withSignal(inner: FetchLike, signal: AbortSignal): FetchLike {
  return (url, init) =>
    inner(url, { ...init, signal: AbortSignal.any([signal, AbortSignal.timeout(30_000)]) });
}
