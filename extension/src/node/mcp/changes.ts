import type { McpSubscription, SubscriptionFilter } from '@modelcontextprotocol/client';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../base/errors.ts';
import type { ServerMessages } from './server-messages.ts';
import { levelOf } from './server-messages.ts';
import type { Session } from './session.ts';

/** Notices that come closer together than this are told as one. */
const togetherMs = 100;
const askLimitMs = 10_000;
/** How often a broken stream of changes is opened again, each time after a longer wait. */
const attempts = 3;

export interface ChangeListeners {
  readonly onTools: () => void;
  readonly onResources: () => void;
  readonly onPrompts: () => void;
  readonly onResource: (uri: string) => void;
}

/** Takes what a server says unasked: that its lists have changed, what it logs, that a person is done with a page. */
export function takeNotices(session: Session, listeners: ChangeListeners, messages: ServerMessages): void {
  const { client } = session;
  client.setNotificationHandler('notifications/tools/list_changed', together(listeners.onTools));
  client.setNotificationHandler('notifications/resources/list_changed', together(listeners.onResources));
  client.setNotificationHandler('notifications/prompts/list_changed', together(listeners.onPrompts));
  client.setNotificationHandler('notifications/resources/updated', ({ params }) =>
    listeners.onResource(params.uri),
  );
  client.setNotificationHandler('notifications/elicitation/complete', ({ params }) =>
    session.pageIsDone(params.elicitationId),
  );
  client.setNotificationHandler('notifications/message', ({ params }) => {
    const text = typeof params.data === 'string' ? params.data : JSON.stringify(params.data);
    const level = levelOf(params.level);
    messages.add(level, params.logger === undefined ? text : `${params.logger}: ${text}`);
    const [only] = session.calls;
    if (only && session.calls.size === 1 && (level === 'warning' || level === 'error'))
      only.note('warning', text);
  });
}

/** Keeps a session told about changes, in the way of its era. */
export class Changes {
  readonly #uris = new Set<string>();
  #stream: { readonly session: Session; readonly subscription: McpSubscription } | undefined;

  /** Whether the server promised to say when its tools change. */
  watchesTools(session: Session): boolean {
    const { client } = session;
    if (client.getProtocolEra() !== 'modern') return true; // Without the promise there is nothing better to go by.
    return (
      this.#stream?.session === session && this.#stream.subscription.honoredFilter.toolsListChanged === true
    );
  }

  /** At the beginning of a session. Failing to be told is no failure of the server; it is said in its log. */
  async begin(session: Session, messages: ServerMessages): Promise<void> {
    const { client } = session;
    const capabilities = client.getServerCapabilities();
    try {
      if (client.getProtocolEra() === 'modern') await this.#listen(session, messages);
      else {
        if (capabilities?.logging) await client.setLoggingLevel('info', { timeout: askLimitMs });
        for (const uri of this.#uris) await client.subscribeResource({ uri }, { timeout: askLimitMs });
      }
    } catch (error) {
      if (!session.lost.aborted) messages.add('info', `It gives no notice of changes: ${messageOf(error)}`);
    }
  }

  async subscribe(session: Session, uri: string, messages: ServerMessages): Promise<void> {
    if (session.client.getProtocolEra() !== 'modern')
      await session.client.subscribeResource({ uri }, { timeout: askLimitMs });
    this.#uris.add(uri);
    if (session.client.getProtocolEra() === 'modern') await this.#listen(session, messages);
  }

  async unsubscribe(session: Session | undefined, uri: string, messages: ServerMessages): Promise<void> {
    if (!this.#uris.delete(uri) || !session) return;
    if (session.client.getProtocolEra() === 'modern') await this.#listen(session, messages);
    else await session.client.unsubscribeResource({ uri }, { timeout: askLimitMs });
  }

  async #listen(session: Session, messages: ServerMessages): Promise<void> {
    const filter = this.#filter(session);
    const before = this.#stream;
    if (Object.keys(filter).length === 0) return;
    const subscription = await session.client.listen(filter, { timeout: askLimitMs });
    this.#stream = { session, subscription };
    if (before?.session === session) await before.subscription.close();
    void subscription.closed.then((how) => {
      if (how === 'remote') void this.#listenAgain(session, subscription, messages);
    });
  }

  async #listenAgain(session: Session, broken: McpSubscription, messages: ServerMessages): Promise<void> {
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      if (this.#stream?.subscription !== broken) return;
      try {
        await delay(attempt * 1000, undefined, { signal: session.lost, ref: false });
        await this.#listen(session, messages);
        return;
      } catch (error) {
        // With the session its stream is gone too, and nobody is missing it.
        if (isLost(session)) return;
        if (attempt === attempts)
          messages.add('info', `It gives no more notice of changes: ${messageOf(error)}`);
      }
    }
  }

  #filter(session: Session): SubscriptionFilter {
    const capabilities = session.client.getServerCapabilities();
    return {
      ...(capabilities?.tools?.listChanged === true ? { toolsListChanged: true } : {}),
      ...(capabilities?.prompts?.listChanged === true ? { promptsListChanged: true } : {}),
      ...(capabilities?.resources?.listChanged === true ? { resourcesListChanged: true } : {}),
      ...(this.#uris.size > 0 ? { resourceSubscriptions: [...this.#uris] } : {}),
    };
  }
}

function isLost({ lost }: Session): boolean {
  return lost.aborted;
}

function together(tell: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  return () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      tell();
    }, togetherMs).unref();
  };
}
