import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/** Sends a response as it comes, no faster than it is taken; when the client goes away, its source is told. */
export async function sendResponse(response: Response, outgoing: ServerResponse): Promise<void> {
  const { body } = response;
  if (outgoing.destroyed) {
    await body?.cancel();
    return;
  }
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (!body) {
    outgoing.end();
    return;
  }
  // An event stream may stay silent for long, and its headers are an answer already.
  outgoing.flushHeaders();
  const reader = body.getReader();
  const cancel = (): void => void reader.cancel().catch(() => undefined); // It has ended by itself.
  outgoing.once('close', cancel);
  try {
    // When the client goes away the source is cancelled, which ends it.
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      if (!outgoing.write(piece.value))
        await Promise.race([once(outgoing, 'drain'), once(outgoing, 'close')]);
    }
    outgoing.end();
  } finally {
    outgoing.off('close', cancel);
  }
}
