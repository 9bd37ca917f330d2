import { SdkHttpError } from '@modelcontextprotocol/client';
import { isAbort, isStrataError, messageOf } from '../../base/errors.ts';
import { Emitter } from '../../base/event.ts';
import type { McpServerState } from './mcp-server-face.ts';
import { challengeOf, openSession, reasonLimitMs, unreachable, type OpenOptions } from './open-session.ts';
import type { ProcessEnd } from './server-process.ts';
import type { Session } from './session.ts';
import { SharedWork } from './shared-work.ts';

export interface ConnectionOptions extends OpenOptions {
  /** Without a call for this long the server is stopped; absent: never. */
  readonly idleMs: number | undefined;
  /** Called after each handshake; the first request waits for it. */
  readonly onSession: (session: Session) => Promise<void>;
}

/** The life of one server: started when it is needed, again after it has died, and stopped when nobody needs it. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #life = new AbortController();
  readonly #starting = new SharedWork<Session>();
  readonly #changed = new Emitter<McpServerState>();
  readonly onDidChangeState = this.#changed.event;
  #state: McpServerState = { status: 'stopped' };
  #session: Session | undefined;
  /** Everything that has not ended yet, which a disposal waits for. */
  readonly #open = new Set<Session>();
  #idle: NodeJS.Timeout | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  get state(): McpServerState {
    return this.#state;
  }

  /** The session that there is; nothing is started. */
  get session(): Session | undefined {
    return this.#session;
  }

  /** Work with a session, which is started if it must be. What needs a sign-in is done again after it, once. */
  async use<T>(signal: AbortSignal, work: (session: Session) => Promise<T>): Promise<T> {
    for (let again = false; ; again = true) {
      const session = await this.#get(signal);
      this.#begin(session);
      try {
        return await work(session);
      } catch (error) {
        signal.throwIfAborted();
        if (again || !(await this.#putRight(session, error, signal))) throw this.#asTold(error);
      } finally {
        this.#end(session);
      }
    }
  }

  /** Ends a session that is of no use any more, and says how its process ended if that was not our doing. */
  async discard(session: Session): Promise<ProcessEnd | undefined> {
    if (this.#session === session) this.#session = undefined;
    const end = await session.link.endWithin(reasonLimitMs);
    await this.#close(session);
    return end ?? (await session.link.process?.ended);
  }

  /** A call of it got no answer in time. Others that are under way may still get theirs. */
  async retire(session: Session): Promise<ProcessEnd | undefined> {
    if (session.calls.size === 0) return this.discard(session);
    if (this.#session === session) this.#session = undefined;
    session.retiring = true;
    return undefined;
  }

  async stop(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    clearTimeout(this.#idle);
    if (!session) return;
    await this.#close(session);
    if (this.#state.status !== 'starting' && this.session === undefined) this.#set({ status: 'stopped' });
  }

  async dispose(): Promise<void> {
    this.#life.abort(new Error(`The tool server ${this.#options.name} was disposed of.`));
    await this.stop();
    await Promise.all([...this.#open].map((session) => this.#close(session)));
    this.#changed.dispose();
  }

  async #get(signal: AbortSignal): Promise<Session> {
    signal.throwIfAborted();
    this.#life.signal.throwIfAborted();
    if (this.#session) return this.#session;
    return this.#starting.run(AbortSignal.any([signal, this.#life.signal]), (given) =>
      this.#start(AbortSignal.any([given, this.#life.signal])),
    );
  }

  async #start(signal: AbortSignal): Promise<Session> {
    this.#set({ status: 'starting' });
    let session: Session | undefined;
    try {
      session = await openSession(this.#options, signal);
      this.#open.add(session);
      await this.#options.onSession(session);
      signal.throwIfAborted();
    } catch (error) {
      if (session) await this.#close(session);
      this.#set(signal.aborted || isAbort(error) ? { status: 'stopped' } : failed(error));
      throw error;
    }
    const started = session;
    this.#session = started;
    const { process } = started.link;
    const image = process?.image;
    this.#set({ status: 'ready', ...(image === undefined ? {} : { image }) });
    started.client.onclose = () => void this.#lost(started);
    void process?.ended.then(() => this.#lost(started));
    return started;
  }

  /** It died, or stopped talking, by itself. The calls that wait for it say so too. */
  async #lost(session: Session): Promise<void> {
    if (this.#session !== session) return;
    this.#session = undefined;
    const end = await session.link.endWithin(reasonLimitMs);
    await this.#close(session);
    const reason = session.link.reason(end, 0);
    if (end?.kind === 'stopped' || reason === undefined) this.#set({ status: 'stopped' });
    else this.#set(failed(new Error(`The tool server ${this.#options.name} has ended: ${reason}.`)));
  }

  async #close(session: Session): Promise<void> {
    await session.close();
    this.#open.delete(session);
  }

  /** Whether what failed can be done again at once. */
  async #putRight(session: Session, error: unknown, signal: AbortSignal): Promise<boolean> {
    const { access } = this.#options;
    if (!('http' in access)) return false;
    const challenge = challengeOf(error);
    if (challenge) {
      await access.http.signIn.satisfy(challenge, signal);
      return true;
    }
    // What 2025-11-25 says to a session that the server has forgotten: nothing was done, begin anew.
    const forgotten =
      error instanceof SdkHttpError &&
      error.data.status === 404 &&
      session.link.guard.sessionId !== undefined;
    if (forgotten) await this.discard(session);
    return forgotten;
  }

  /** An error of the way to the server rather than of the server is told as one. */
  #asTold(error: unknown): unknown {
    const { access, name } = this.#options;
    return 'http' in access && (challengeOf(error) !== undefined || error instanceof TypeError)
      ? unreachable(name, access.http, error)
      : error;
  }

  #begin(session: Session): void {
    clearTimeout(this.#idle);
    session.requests += 1;
    this.#set({ status: 'running', lastUse: Date.now() });
  }

  #end(session: Session): void {
    session.requests -= 1;
    if (session.requests > 0) return;
    if (session.retiring) void this.discard(session);
    if (this.#session !== session) {
      if (this.#state.status === 'running' && !this.#session) this.#set({ status: 'stopped' });
      return;
    }
    this.#set({ status: 'ready' });
    const { idleMs } = this.#options;
    if (idleMs !== undefined) this.#idle = setTimeout(() => void this.stop(), idleMs).unref();
  }

  #set(change: Partial<McpServerState> & Pick<McpServerState, 'status'>): void {
    const { lastUse, image, status, problem } = this.#state;
    const before = {
      ...(lastUse === undefined ? {} : { lastUse }),
      ...(image === undefined ? {} : { image }),
    };
    this.#state = { ...before, ...change };
    if (status !== this.#state.status || problem !== this.#state.problem) this.#changed.fire(this.#state);
  }
}

function failed(error: unknown): McpServerState {
  if (!isStrataError(error))
    return { status: 'failed', problem: { code: 'tool-server-ended', message: messageOf(error) } };
  const { code, message, action } = error;
  return { status: 'failed', problem: { code, message, action } };
}
