import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { speak } from './session.ts';
import type { Tool } from './tool.ts';

const client = { name: 'rehearsal', version: '1' };
const envelope = {
  _meta: {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': client,
    'io.modelcontextprotocol/clientCapabilities': {},
  },
};
const nothing = { name: 'nothing', arguments: {} };

/** What a client of either era says: how it begins, then the list, and a call that no tool gets. */
const exchanges: readonly (readonly Message[])[] = [
  [
    { id: 1, method: 'server/discover', params: envelope },
    { id: 2, method: 'tools/list', params: envelope },
    { id: 3, method: 'tools/call', params: { ...nothing, ...envelope } },
  ],
  [
    {
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: client },
    },
    { method: 'notifications/initialized' },
    { id: 2, method: 'tools/list' },
    { id: 3, method: 'tools/call', params: nothing },
  ],
];

interface Message {
  readonly id?: number;
  readonly method: string;
  readonly params?: object;
}

/**
 * Plays what every client asks at first, so that the code for it is compiled in the snapshot that is being made. Fails, and
 * with it the making of the snapshot, when an answer is none.
 */
export async function rehearse(name: string, tools: readonly Tool[]): Promise<void> {
  for (const messages of exchanges) {
    const input = new PassThrough();
    const output = new PassThrough({ encoding: 'utf8' });
    speak({ name, tools, input, output });
    let said = '';
    output.on('data', (chunk: string) => (said += chunk));
    for (const message of messages) {
      input.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
      if (message.id === undefined) continue;
      while (!said.endsWith('\n')) await once(output, 'data');
      const answer = JSON.parse(said) as { readonly id?: unknown; readonly result?: unknown };
      if (answer.id !== message.id || answer.result === undefined)
        throw new Error(`${message.method} was answered by ${said.trim()}`);
      said = '';
    }
    input.end();
    await once(input, 'close');
  }
}
