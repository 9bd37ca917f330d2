import { ResourceNotFoundError } from '@modelcontextprotocol/server';
import type { ReadResourceResult, Server } from '@modelcontextprotocol/server';
import { IMAGE } from './samples.ts';

const RESOURCES = [
  { uri: 'test://static-text', name: 'static-text', title: 'Text', mimeType: 'text/plain' },
  { uri: 'test://static-binary', name: 'static-binary', title: 'Image', mimeType: 'image/png' },
  { uri: 'test://watched-resource', name: 'watched-resource', title: 'Watched', mimeType: 'text/plain' },
];
const TEMPLATE = /^test:\/\/template\/([^/]+)\/data$/;

export function serveResources(server: Server): void {
  server.setRequestHandler('resources/list', () => ({ resources: RESOURCES }));
  server.setRequestHandler('resources/templates/list', () => ({
    resourceTemplates: [
      { uriTemplate: 'test://template/{id}/data', name: 'template', mimeType: 'application/json' },
    ],
  }));
  server.setRequestHandler('resources/read', ({ params: { uri } }) => read(uri));
  server.setRequestHandler('resources/subscribe', async ({ params: { uri } }) => {
    read(uri);
    // It has just changed, for whoever waits for that.
    await server.sendResourceUpdated({ uri });
    return {};
  });
  server.setRequestHandler('resources/unsubscribe', () => ({}));
}

function read(uri: string): ReadResourceResult {
  const id = TEMPLATE.exec(uri)?.[1];
  if (id !== undefined) {
    const text = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` });
    return { contents: [{ uri, mimeType: 'application/json', text }] };
  }
  if (!RESOURCES.some((one) => one.uri === uri)) throw new ResourceNotFoundError(uri);
  if (uri === 'test://static-binary') return { contents: [{ uri, mimeType: 'image/png', blob: IMAGE }] };
  return {
    contents: [{ uri, mimeType: 'text/plain', text: 'This is the content of the static text resource.' }],
  };
}
