import { constants, setPriority } from 'node:os';
import { isStrataError, messageOf } from '../../base/errors.ts';
import { memoryFailed, memoryUnavailable } from '../../core/memory/index.ts';
import { loadNative, whyUnavailable } from './load.ts';
import { PROTOCOL, toChild, type FromChild } from './messages.ts';
import { openService, type Service } from './service.ts';
import { throttled, throttledProgress } from './throttled.ts';

/**
 * The memory process of one workspace folder: LanceDB and everything that burns CPU. It is forked with an IPC channel,
 * told where to work, and ends with the channel, however its parent ends.
 */

process.on('disconnect', () => process.exit(0));
process.on('message', (message) => void receive(message));

const underWay = new Map<number, Served>();
const work = new Set<Promise<void>>();
let service: Promise<Service> | undefined;

interface Served {
  readonly controller: AbortController;
  onClose: 'finish' | 'abort';
}

async function receive(raw: unknown): Promise<void> {
  const parsed = toChild.safeParse(raw);
  if (!parsed.success) return; // From another build; the hello has told it so.
  const message = parsed.data;
  if (message.type === 'cancel') underWay.get(message.id)?.controller.abort();
  else if (message.type === 'close') await close();
  else if (message.type === 'request') {
    const answer = respond(message).finally(() => work.delete(answer));
    work.add(answer);
  } else {
    const changed = throttled(() => send({ type: 'changed' }), CHANGED_MS);
    service = loadNative().then((native) => {
      // Indexing must not slow down the person's own work; somebody waits for the start.
      setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
      return openService({ native, place: message, changed });
    });
    await service.then(
      () => send({ type: 'hello', protocol: PROTOCOL }),
      async (error: unknown) =>
        send({ type: 'hello', protocol: PROTOCOL, unavailable: await whyUnavailable(error) }),
    );
  }
}

const CHANGED_MS = 200;

async function respond({ id, kind, body }: { id: number; kind: string; body: unknown }): Promise<void> {
  const served: Served = { controller: new AbortController(), onClose: 'abort' };
  underWay.set(id, served);
  try {
    const handler = (await service)?.handlers.get(kind);
    if (handler === undefined) throw memoryUnavailable(`it was asked for "${kind}", which it cannot do.`);
    served.onClose = handler.shape.onClose;
    const onProgress = throttledProgress(({ done, total }) => send({ type: 'progress', id, done, total }));
    const value = await handler.serve(body, { signal: served.controller.signal, onProgress });
    send({ type: 'result', id, value });
  } catch (error) {
    const told = isStrataError(error) ? error : memoryFailed(kind, error);
    send({ type: 'failure', id, code: told.code, message: told.message, action: told.action });
  } finally {
    underWay.delete(id);
  }
}

/** Index runs stop at the next file; what a person would miss is written to the end. */
async function close(): Promise<void> {
  for (const { onClose, controller } of underWay.values()) if (onClose === 'abort') controller.abort();
  await Promise.all(work);
  // One that could not be opened has nothing to close.
  await (await service?.catch(() => undefined))?.close();
  process.exit(0);
}

function send(message: FromChild): void {
  // Without a channel the parent is gone, and `disconnect` ends this process.
  process.send?.(message, undefined, undefined, (error) => {
    if (error !== null) process.stderr.write(`Memory process: ${messageOf(error)}\n`);
  });
}
