import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import { canonicalJson } from '../../base/json.ts';
import { facesWith, protocolError } from './faces.ts';
import type { NamedFace } from './faces.ts';
import type { Scope } from './scope.ts';
import { withQuestions } from './with-questions.ts';
import type { Served } from './with-questions.ts';

export function servePrompts(served: Served): void {
  const { server, scope } = served;
  server.setRequestHandler('prompts/list', async (_request, { mcpReq: { signal } }) => {
    const faces = await facesWith(scope, 'prompts', signal);
    const lists = await Promise.all(
      faces.map(async ({ name, face }) =>
        (await face.prompts(signal)).map((prompt) => ({
          ...prompt,
          name: shownName(scope, name, prompt.name),
        })),
      ),
    );
    return { prompts: lists.flat() };
  });

  server.setRequestHandler('prompts/get', async ({ params }, context) => {
    const args = params.arguments ?? {};
    const what = `prompt ${params.name} ${canonicalJson(args)}`;
    return withQuestions(served, context, what, async (questions, signal) => {
      const { face, own } = await promptNamed(scope, params.name, signal);
      return face.getPrompt(own, args, signal, questions).catch(rethrow);
    });
  });
}

/** In the scope of all servers, a prompt's name begins with its server's, as a tool's does. */
export async function promptNamed(
  scope: Scope,
  name: string,
  signal: AbortSignal,
): Promise<NamedFace & { readonly own: string }> {
  const faces = await facesWith(scope, 'prompts', signal);
  const fitting = faces.filter((face) => scope.server !== undefined || name.startsWith(`${face.name}_`));
  // Names of servers may begin with one another.
  const found = fitting.toSorted((a, b) => b.name.length - a.name.length).at(0);
  if (!found) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown prompt: ${name}`);
  return { ...found, own: scope.server === undefined ? name.slice(found.name.length + 1) : name };
}

function shownName({ server }: Scope, name: string, prompt: string): string {
  return server === undefined ? `${name}_${prompt}` : prompt;
}

function rethrow(error: unknown): never {
  throw protocolError(error);
}
