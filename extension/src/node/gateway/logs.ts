import type { ServerContext } from '@modelcontextprotocol/server';
import type { Disposable } from '../../base/disposable.ts';
import type { GatewaySession } from './session.ts';

const NOTHING: Disposable = { dispose: () => undefined };

/** Sends what the server logs in the course of a call along with it; the SDK leaves out what the client does not want. */
export async function logsDuring(
  session: GatewaySession,
  server: string,
  { mcpReq }: ServerContext,
  signal: AbortSignal,
): Promise<Disposable> {
  // What is wrong with the server is the business of the call.
  const face = await session.face(server, signal).catch(() => undefined);
  if (!face) return NOTHING;
  return face.onDidLog(({ level, text }) => {
    void mcpReq.log(level, text, server).catch(() => undefined); // The client has gone.
  });
}
