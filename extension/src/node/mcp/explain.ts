import { ProtocolError, SdkError, SdkErrorCode } from '@modelcontextprotocol/client';
import { isStrataError } from '../../base/errors.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import type { ToolResult } from '../../core/tools/tool.ts';
import { CallTimedOut } from './call.ts';
import type { Connection } from './connection.ts';
import { whyOf } from './open-session.ts';
import { failed } from './result.ts';
import type { Session } from './session.ts';

export interface Failure {
  readonly error: unknown;
  /** As agents call it. */
  readonly tool: string;
  /** Memory kills when the call began. */
  readonly killsBefore: number;
  readonly limitMs: number;
}

/**
 * A call that got no result: the reason is an answer for the model, unless the engine itself has gone or the server cannot
 * be reached, which throw.
 */
export async function explain(
  session: Session,
  connection: Connection,
  { error, tool, killsBefore, limitMs }: Failure,
): Promise<ToolResult> {
  if (isStrataError(error)) throw error;
  if (error instanceof ProtocolError)
    return { ...failed(`${tool} failed: ${error.message.slice(0, 4000)}`), raw: { error: errorJson(error) } };
  const code = error instanceof SdkError ? error.code : undefined;
  if (code === SdkErrorCode.InvalidResult || code === SdkErrorCode.UnsupportedResultType)
    return failed(`${tool} answered with something that is no tool result: ${whyOf(error)}`);
  if (error instanceof CallTimedOut) {
    const seconds = limitMs / 1000;
    if (!session.link.process) return failed(`${tool} timed out after ${seconds} s.`);
    const end = await connection.retire(session);
    if (end?.kind === 'engine-gone') throw end.error;
    return failed(
      `${tool} timed out after ${seconds} s. Its server was stopped and starts anew with the next call.`,
    );
  }
  if (!session.link.process && code !== SdkErrorCode.ConnectionClosed && code !== SdkErrorCode.NotConnected)
    return failed(`${tool} got no answer: ${whyOf(error)}.`);
  const end = await connection.discard(session);
  if (end?.kind === 'engine-gone') throw end.error;
  const reason = session.link.reason(end, killsBefore) ?? whyOf(error);
  return failed(`${tool} got no answer: ${reason}. Its server starts anew with the next call.`);
}

function errorJson({ code, message, data }: ProtocolError): JsonObject {
  return { code, message, ...(data === undefined ? {} : { data: data as Json }) }; // It came as JSON.
}
