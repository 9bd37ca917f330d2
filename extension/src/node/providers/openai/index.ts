import { APIConnectionError, APIError, APIUserAbortError, OpenAI } from 'openai';
import { originOf, DEFAULT_ORIGINS, type Deployment, type Provider } from '../../../core/models/index.ts';
import { runCall } from '../call.ts';
import { CLIENT_OPTIONS, withheldHeaders } from '../client-options.ts';
import { answersOf } from '../failures.ts';
import type { StreamLimits } from '../limits.ts';
import { createOpenAIReader } from './read.ts';
import { toOpenAI } from './request.ts';
import type { WrittenMessages } from './request.ts';

const DEFAULT_URL = `${DEFAULT_ORIGINS.openai}/v1`;
const asAnswer = answersOf({ APIError, APIConnectionError, APIUserAbortError });

/** OpenAI itself, and everything that speaks its chat completions: Ollama, vLLM, LiteLLM, OpenRouter. */
export function createOpenAIProvider(
  deployment: Deployment,
  key: string | undefined,
  limits: StreamLimits,
): Provider {
  const baseURL = withVersion(deployment.baseUrl ?? DEFAULT_URL);
  const official = originOf(baseURL) === DEFAULT_ORIGINS.openai;
  const client = new OpenAI({
    ...CLIENT_OPTIONS,
    baseURL,
    // The SDK wants a key; for a server that needs none the header is taken out again.
    apiKey: key ?? 'none',
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    defaultHeaders: {
      ...withheldHeaders(deployment, 'OPENAI_CUSTOM_HEADERS'),
      ...(key === undefined ? { Authorization: null } : {}),
    },
  });
  const written: WrittenMessages = new WeakMap();
  return {
    chat: (call) =>
      runCall(call, {
        limits,
        key,
        reader: (shown) => createOpenAIReader(shown, deployment),
        // As `client.chat.completions.create` does, which would make its own text of all messages each time.
        open: (signal) =>
          client
            .post('/chat/completions', {
              body: toOpenAI(call, deployment, official, written),
              headers: { 'content-type': 'application/json' },
              stream: true,
              signal,
            })
            .asResponse(),
        asAnswer,
      }),
  };
}

/** `http://host:1234` and `http://host:1234/v1` mean the same; any other path is taken as it is. */
function withVersion(baseUrl: string): string {
  const trimmed = baseUrl.replace(/\/+$/, '');
  return URL.canParse(trimmed) && new URL(trimmed).pathname === '/' ? `${trimmed}/v1` : trimmed;
}
