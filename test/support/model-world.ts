import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  environmentKeyName,
  isModelError,
  type ChatCall,
  type ChatReply,
  type Deployment,
  type ModelError,
  type Provider,
} from '../../extension/src/core/models/index.ts';
import { openProvider, type StreamLimits } from '../../extension/src/node/providers/index.ts';
import type { Message, ToolDefinition } from '../../extension/src/protocol/message.ts';
import {
  startModelServer,
  type Fault,
  type ModelServer,
  type Script,
  type ScriptedReply,
  type WireFormat,
  type WireRequest,
} from './model-server/index.ts';

const FORMATS: readonly WireFormat[] = ['openai', 'responses', 'anthropic'];
const MODELS: Readonly<Record<WireFormat, string>> = {
  openai: 'gpt-5',
  responses: 'gpt-5.3-codex',
  anthropic: 'claude-sonnet-4-5',
};
export const KEY = 'sk-test-0123456789abcdef';
/** Far beyond what a busy machine needs, so that only the tests of stalls see one. */
export const LIMITS: StreamLimits = { firstEventMs: 20_000, nextEventMs: 20_000 };
export const SHORT_SILENCE: StreamLimits = { firstEventMs: 20_000, nextEventMs: 800 };
export const HELLO: readonly Message[] = [
  { role: 'system', text: 'Be brief.' },
  { role: 'user', content: [{ type: 'text', text: 'Hello?' }] },
];
export const READ: ToolDefinition = {
  name: 'files_read',
  description: 'Reads a file.',
  inputSchema: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
};

export interface ModelWorld {
  readonly server: () => ModelServer;
  /** What the server does with the calls of this test, which are numbered from 1. */
  play(next: Script | ScriptedReply | Fault): void;
  madeCalls(): number;
  lastRequest(): WireRequest | undefined;
  deploymentOf(format: WireFormat, changes?: Partial<Deployment>): Deployment;
  /** One test for each wire format. */
  each(
    name: string,
    run: (format: WireFormat, provider: Provider) => Promise<void>,
    limits?: StreamLimits,
  ): void;
}

/** One server for a test file; each test gives it the script for its own calls. */
export function modelWorld(): ModelWorld {
  let server: ModelServer | undefined;
  let script: Script = () => ({ text: 'unset' });
  let callsBefore = 0;
  before(async () => {
    server = await startModelServer((request, call) => script(request, call - callsBefore), {
      key: KEY,
      ollama: {
        'nomic-embed-text': ['embedding'],
        'gemma3:4b': ['completion'],
        'qwen3:8b': ['completion', 'tools'],
      },
    });
  });
  after(() => server?.close());

  const running = (): ModelServer => {
    assert.ok(server, 'the server is not running');
    return server;
  };
  const deploymentOf: ModelWorld['deploymentOf'] = (format, changes = {}) => {
    const provider = format === 'anthropic' ? 'anthropic' : 'openai';
    const model = MODELS[format];
    return {
      id: `${provider}/${model}`,
      provider,
      model,
      ...(format === 'responses' ? { api: 'responses' as const } : {}),
      baseUrl: running().url,
      keyName: environmentKeyName(`${provider.toUpperCase()}_API_KEY`),
      ...changes,
    };
  };
  return {
    server: running,
    play: (next) => {
      callsBefore = running().requests.length;
      script = typeof next === 'function' ? next : () => next;
    },
    madeCalls: () => running().requests.length - callsBefore,
    lastRequest: () => running().requests.at(-1),
    deploymentOf,
    each: (name, run, limits = LIMITS) => {
      for (const format of FORMATS) {
        test(`${format}: ${name}`, async () =>
          run(format, await openProvider(deploymentOf(format), KEY, limits)));
      }
    },
  };
}

export type Asked = ChatReply & { readonly pieces: readonly string[]; readonly thoughts: readonly string[] };

export async function ask(
  provider: Provider,
  messages: readonly Message[] = HELLO,
  tools: readonly ToolDefinition[] = [],
  more: Partial<ChatCall> = {},
): Promise<Asked> {
  const pieces: string[] = [];
  const thoughts: string[] = [];
  const reply = await provider.chat({
    messages,
    tools,
    signal: new AbortController().signal,
    onText: (text) => pieces.push(text),
    onReasoning: (text) => thoughts.push(text),
    ...more,
  });
  return { ...reply, pieces, thoughts };
}

/** What the work failed with, which must be a `ModelError` that does not show the key. */
export async function failure(work: Promise<unknown>): Promise<ModelError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(isModelError(error), `expected a ModelError, got ${String(error)}`);
  assert.doesNotMatch(
    `${error.message} ${error.action} ${String(error.cause)}`,
    /0123456789abcdef/,
    'the key shows',
  );
  return error;
}
