import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { ServerCapabilities } from '@modelcontextprotocol/server';
import { isStrataError } from '../../base/errors.ts';
import { serversOf } from './scope.ts';
import type { Scope } from './scope.ts';
import type { ServerFace } from './session.ts';

export interface NamedFace {
  readonly name: string;
  readonly face: ServerFace;
}

/** The servers of the scope that can do something. Of several, one that does not start is as if it had nothing. */
export async function facesWith(
  scope: Scope,
  ability: keyof ServerCapabilities,
  signal: AbortSignal,
): Promise<readonly NamedFace[]> {
  const session = await scope.session();
  const names = await serversOf(scope, signal);
  const found = await Promise.all(
    names.map(async (name): Promise<readonly NamedFace[]> => {
      try {
        const face = await session.face(name, signal);
        const description = await face?.describe(signal);
        return face && description?.capabilities[ability] ? [{ name, face }] : [];
      } catch (error) {
        if (scope.server !== undefined || signal.aborted) throw error;
        return [];
      }
    }),
  );
  return found.flat();
}

/** Asks one after another, since a server answers for what it has not listed too. */
export async function firstAnswer<T>(
  faces: readonly NamedFace[],
  nobody: ProtocolError,
  ask: (face: ServerFace) => Promise<T>,
): Promise<T> {
  let error: unknown = nobody;
  for (const { face } of faces) {
    try {
      return await ask(face);
    } catch (thrown) {
      // Of several that do not have it, whoever was asked first says it as well as any.
      if (error === nobody) error = thrown;
    }
  }
  throw protocolError(error);
}

/** What a client is told of an error of ours: what happened, and what a person can do. */
export function protocolError(error: unknown): unknown {
  if (!isStrataError(error)) return error;
  const cause = error.cause;
  if (cause instanceof ProtocolError) return cause;
  return new ProtocolError(ProtocolErrorCode.InternalError, `${error.message} ${error.action}`);
}
