import { constants, setPriority } from 'node:os';
import { isStrataError, messageOf } from '../../base/errors.ts';
import { memoryFailed, memoryUnavailable } from '../../core/memory/index.ts';
import { loadNative, whyUnavailable } from './load.ts';
import { PROTOCOL, toChild, type FromChild, type Request } from './messages.ts';
import { openService, type Service } from './service.ts';

/**
 * The memory process of one workspace folder: LanceDB and everything that burns CPU. It is forked with an IPC channel,
 * told where to work, and ends with the channel, however its parent ends.
 */

// Indexing must not slow down the person's own work.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
process.on('disconnect', () => process.exit(0));
process.on('message', (message) => void receive(message));

const underWay = new Map<number, { readonly kind: Request['kind']; readonly controller: AbortController }>();
const work = new Set<Promise<void>>();
let service: Promise<Service> | undefined;

async function receive(raw: unknown): Promise<void> {
  const parsed = toChild.safeParse(raw);
  if (!parsed.success) return; // From another build; the hello has told it so.
  const message = parsed.data;
  if (message.type === 'cancel') underWay.get(message.id)?.controller.abort();
  else if (message.type === 'close') await close();
  else if (message.type === 'request') {
    const answer = respond(message.id, message.request).finally(() => work.delete(answer));
    work.add(answer);
  } else {
    service = loadNative().then((native) => openService(native, message));
    await service.then(
      () => send({ type: 'hello', protocol: PROTOCOL }),
      async (error: unknown) =>
        send({ type: 'hello', protocol: PROTOCOL, unavailable: await whyUnavailable(error) }),
    );
  }
}

async function respond(id: number, request: Request): Promise<void> {
  const controller = new AbortController();
  underWay.set(id, { kind: request.kind, controller });
  try {
    if (service === undefined) throw memoryUnavailable('it was asked before it was started.');
    const value = await perform(await service, id, request, controller.signal);
    send({ type: 'result', id, value });
  } catch (error) {
    const told = isStrataError(error) ? error : memoryFailed(request.kind, error);
    send({ type: 'failure', id, code: told.code, message: told.message, action: told.action });
  } finally {
    underWay.delete(id);
  }
}

async function perform(to: Service, id: number, request: Request, signal: AbortSignal): Promise<unknown> {
  switch (request.kind) {
    case 'index':
      return await to.index(
        signal,
        throttled((done, total) => send({ type: 'progress', id, done, total })),
      );
    case 'search':
      return await to.search(request.query, request.limit);
    case 'recall':
      return await to.recall(request.query, request.limit);
    case 'remember':
      await to.remember(request.episode, signal);
      return null;
    case 'stats':
      return await to.stats();
  }
}

/** Ten times a second is more than anyone can see; the last one always passes. */
function throttled(
  report: (done: number, total: number) => void,
): (progress: { done: number; total: number }) => void {
  let last = -Infinity;
  return ({ done, total }) => {
    if (done < total && performance.now() - last < 100) return;
    last = performance.now();
    report(done, total);
  };
}

/** Index runs stop at the next file; episodes are written to the end. */
async function close(): Promise<void> {
  for (const { kind, controller } of underWay.values()) if (kind === 'index') controller.abort();
  await Promise.all(work);
  process.exit(0);
}

function send(message: FromChild): void {
  // Without a channel the parent is gone, and `disconnect` ends this process.
  process.send?.(message, undefined, undefined, (error) => {
    if (error !== null) process.stderr.write(`Memory process: ${messageOf(error)}\n`);
  });
}
