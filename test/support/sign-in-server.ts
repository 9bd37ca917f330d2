import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { answerTo, bodyOf, closed, listen } from './far-mcp-server.ts';

export interface SignInServer {
  /** Of the MCP server, which is its own authorization server. */
  readonly url: string;
  /** What was asked for at the authorization server, in order. */
  readonly asked: readonly string[];
  /** The tokens that were given out are good no more; `refreshable: false` takes the right to new ones too. */
  expire(how: { readonly refreshable: boolean }): void;
  close(): Promise<void>;
}

/** An MCP server that wants OAuth: registration, a code with PKCE (S256), and tokens that can be refreshed once each. */
export async function signInServer(): Promise<SignInServer> {
  const asked: string[] = [];
  const codes = new Map<
    string,
    { readonly challenge: string; readonly client: string; readonly redirect: string }
  >();
  const clients = new Map<string, readonly string[]>();
  let tokens = new Set<string>();
  let refreshes = new Set<string>();
  const give = (response: ServerResponse): ServerResponse => {
    const [access, refresh] = [randomUUID(), randomUUID()];
    tokens.add(access);
    refreshes.add(refresh);
    return json(response, 200, {
      access_token: access,
      token_type: 'Bearer',
      refresh_token: refresh,
      expires_in: 3600,
    });
  };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<ServerResponse> => {
    const at = new URL(request.url ?? '/', url);
    const body = await bodyOf(request);
    switch (at.pathname) {
      case '/.well-known/oauth-protected-resource':
      case '/.well-known/oauth-protected-resource/mcp':
        return json(response, 200, { resource: `${url}/mcp`, authorization_servers: [url] });
      case '/.well-known/oauth-authorization-server':
        return json(response, 200, {
          issuer: url,
          authorization_endpoint: `${url}/authorize`,
          token_endpoint: `${url}/token`,
          registration_endpoint: `${url}/register`,
          response_types_supported: ['code'],
          grant_types_supported: ['authorization_code', 'refresh_token'],
          code_challenge_methods_supported: ['S256'],
          token_endpoint_auth_methods_supported: ['none'],
        });
      case '/register': {
        asked.push('register');
        const given = JSON.parse(body) as { redirect_uris: string[] };
        const client_id = randomUUID();
        clients.set(client_id, given.redirect_uris);
        return json(response, 201, { ...given, client_id, token_endpoint_auth_method: 'none' });
      }
      case '/authorize': {
        asked.push('authorize');
        const [client, redirect, challenge, state] = [
          'client_id',
          'redirect_uri',
          'code_challenge',
          'state',
        ].map((name) => at.searchParams.get(name) ?? '') as [string, string, string, string];
        if (!clients.get(client)?.includes(redirect)) return json(response, 400, { error: 'invalid_client' });
        const code = randomUUID();
        codes.set(code, { challenge, client, redirect });
        return response
          .writeHead(302, { location: `${redirect}?code=${code}&state=${encodeURIComponent(state)}` })
          .end();
      }
      case '/token': {
        const form = new URLSearchParams(body);
        asked.push(form.get('grant_type') ?? '');
        if (form.get('grant_type') === 'refresh_token') {
          if (refreshes.delete(form.get('refresh_token') ?? '')) return give(response);
        } else {
          const code = codes.get(form.get('code') ?? '');
          const verifier = createHash('sha256')
            .update(form.get('code_verifier') ?? '')
            .digest('base64url');
          codes.delete(form.get('code') ?? '');
          if (code?.challenge === verifier && code.redirect === form.get('redirect_uri'))
            return give(response);
        }
        return json(response, 400, { error: 'invalid_grant' });
      }
      case '/mcp': {
        if (!tokens.has(request.headers.authorization?.replace('Bearer ', '') ?? '')) {
          const metadata = `${url}/.well-known/oauth-protected-resource/mcp`;
          response.setHeader('www-authenticate', `Bearer resource_metadata="${metadata}"`);
          return json(response, 401, {});
        }
        const answer = request.method === 'POST' ? answerTo(body) : undefined;
        return json(response, request.method === 'POST' ? (answer ? 200 : 202) : 405, answer);
      }
      default:
        return json(response, 404, {});
    }
  };
  const server = createServer((request, response) => void handle(request, response));
  const url = await listen(server);
  return {
    url: `${url}/mcp`,
    asked,
    expire: ({ refreshable }) => {
      tokens = new Set();
      if (!refreshable) refreshes = new Set();
    },
    close: () => closed(server),
  };
}

function json(response: ServerResponse, status: number, body: object | undefined): ServerResponse {
  response.writeHead(status, { 'content-type': 'application/json' });
  return response.end(body ? JSON.stringify(body) : '');
}
