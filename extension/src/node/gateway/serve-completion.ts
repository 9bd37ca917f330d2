import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import { facesWith, firstAnswer, protocolError } from './faces.ts';
import { promptNamed } from './serve-prompts.ts';
import type { Served } from './with-questions.ts';

export function serveCompletion({ server, scope }: Served): void {
  server.setRequestHandler('completion/complete', async ({ params }, { mcpReq: { signal } }) => {
    const { ref } = params;
    if (ref.type === 'ref/prompt') {
      const { face, own } = await promptNamed(scope, ref.name, signal);
      return face.complete({ ...params, ref: { ...ref, name: own } }, signal).catch((error: unknown) => {
        throw protocolError(error);
      });
    }
    const nobody = new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown resource: ${ref.uri}`);
    return firstAnswer(await facesWith(scope, 'completions', signal), nobody, (face) =>
      face.complete(params, signal),
    );
  });
}
