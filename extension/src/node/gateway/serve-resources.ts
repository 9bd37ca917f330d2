import { ResourceNotFoundError } from '@modelcontextprotocol/server';
import { facesWith, firstAnswer } from './faces.ts';
import { withQuestions } from './with-questions.ts';
import type { Served } from './with-questions.ts';

export function serveResources(served: Served): void {
  const { server, scope } = served;
  server.setRequestHandler('resources/list', async (_request, { mcpReq: { signal } }) => {
    const faces = await facesWith(scope, 'resources', signal);
    const lists = await Promise.all(faces.map(({ face }) => face.resources(signal)));
    return { resources: lists.flat().map((resource) => ({ ...resource })) };
  });

  server.setRequestHandler('resources/templates/list', async (_request, { mcpReq: { signal } }) => {
    const faces = await facesWith(scope, 'resources', signal);
    const lists = await Promise.all(faces.map(({ face }) => face.resourceTemplates(signal)));
    return { resourceTemplates: lists.flat().map((template) => ({ ...template })) };
  });

  server.setRequestHandler('resources/read', async ({ params: { uri } }, context) =>
    withQuestions(served, context, `read ${uri}`, async (questions, signal) => {
      const faces = await facesWith(scope, 'resources', signal);
      return firstAnswer(faces, new ResourceNotFoundError(uri), (face) =>
        face.readResource(uri, signal, questions),
      );
    }),
  );

  server.setRequestHandler('resources/subscribe', async ({ params: { uri } }, { mcpReq: { signal } }) => {
    const faces = await facesWith(scope, 'resources', signal);
    await firstAnswer(faces, new ResourceNotFoundError(uri), (face) => face.subscribe(uri, signal));
    return {};
  });

  server.setRequestHandler('resources/unsubscribe', async ({ params: { uri } }, { mcpReq: { signal } }) => {
    const faces = await facesWith(scope, 'resources', signal);
    await firstAnswer(faces, new ResourceNotFoundError(uri), (face) => face.unsubscribe(uri, signal));
    return {};
  });
}
