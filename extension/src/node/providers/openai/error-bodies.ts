import { isObject, listMember, memberOf, textMember } from '../foreign.ts';

/**
 * `fetch` for the SDK, which reads an error's message from `{ "error": { "message" } }` and from nowhere else: Gemini puts a
 * list around it, and servers made with FastAPI, vLLM among them, say `{ "detail" }` or `{ "message" }`.
 */
export async function fetchWithErrors(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await fetch(input, init);
  const isJson = (response.headers.get('content-type') ?? '').includes('json');
  if (response.ok || !isJson) return response;
  const text = await response.text();
  const { status, statusText } = response;
  const headers = new Headers(response.headers);
  const body = parsed(text);
  const error = body === undefined ? undefined : errorIn(body);
  const wait = retryDelayIn(error);
  if (wait !== undefined && !headers.has('retry-after')) headers.set('retry-after', wait);
  // The body is no longer what these say.
  headers.delete('content-encoding');
  headers.delete('content-length');
  return new Response(error === undefined ? text : JSON.stringify({ error }), {
    status,
    statusText,
    headers,
  });
}

function errorIn(body: unknown): unknown {
  const first: unknown = Array.isArray(body) ? body[0] : body;
  const error = memberOf(first, 'error');
  if (isObject(error)) return error;
  const message =
    typeof error === 'string' ? error : (textMember(first, 'message') ?? said(memberOf(first, 'detail')));
  if (message === undefined) return undefined;
  return { message, code: memberOf(first, 'code'), type: memberOf(first, 'type') };
}

/** FastAPI's `detail` is a sentence, or a list of what was wrong with the request. */
function said(detail: unknown): string | undefined {
  if (typeof detail === 'string') return detail;
  return isObject(detail) ? JSON.stringify(detail) : undefined;
}

/** Gemini's wait stands in the body, such as `"37s"`. https://google.aip.dev/193 */
function retryDelayIn(error: unknown): string | undefined {
  for (const detail of listMember(error, 'details')) {
    const seconds = /^(\d+(?:\.\d+)?)s$/.exec(textMember(detail, 'retryDelay') ?? '')?.[1];
    if (seconds !== undefined) return seconds;
  }
  return undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The SDK quotes it as it is.
    return undefined;
  }
}
