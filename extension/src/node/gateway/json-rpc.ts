/** A refusal of a whole request, which no request id could be read of. */
export function rpcError(
  status: number,
  code: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return Response.json({ jsonrpc: '2.0', error: { code, message }, id: null }, { status, headers });
}

export const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;
/** What implementations use for a session that is not there. */
export const SESSION_NOT_FOUND = -32001;
/** Of no further meaning; see the HTTP status. */
export const REFUSED = -32000;
