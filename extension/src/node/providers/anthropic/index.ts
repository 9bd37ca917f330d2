import { Anthropic, APIConnectionError, APIError, APIUserAbortError } from '@anthropic-ai/sdk';
import { DEFAULT_ORIGINS, type Deployment, type Provider } from '../../../core/models/index.ts';
import { runCall } from '../call.ts';
import { CLIENT_OPTIONS, withheldHeaders } from '../client-options.ts';
import { answersOf } from '../failures.ts';
import type { StreamLimits } from '../limits.ts';
import { createAnthropicReader } from './read.ts';
import { toAnthropic } from './request.ts';

const asAnswer = answersOf({ APIError, APIConnectionError, APIUserAbortError });

export function createAnthropicProvider(
  deployment: Deployment,
  key: string | undefined,
  limits: StreamLimits,
): Provider {
  const client = new Anthropic({
    ...CLIENT_OPTIONS,
    baseURL: withoutVersion(deployment.baseUrl ?? DEFAULT_ORIGINS.anthropic),
    // The SDK wants a key; for a server that needs none the header is taken out again.
    apiKey: key ?? 'none',
    authToken: null,
    webhookKey: null,
    defaultHeaders: {
      ...withheldHeaders(deployment, 'ANTHROPIC_CUSTOM_HEADERS'),
      ...(key === undefined ? { 'X-Api-Key': null, Authorization: null } : {}),
    },
  });
  return {
    chat: (call) =>
      runCall(call, {
        limits,
        key,
        reader: (shown) => createAnthropicReader(shown, deployment),
        // The SDK's method writes warnings about models that grow old into the middle of what a terminal shows.
        open: (signal) =>
          client
            .post('/v1/messages', { body: toAnthropic(call, deployment), stream: true, signal })
            .asResponse(),
        asAnswer,
      }),
  };
}

/** The SDK adds `/v1/messages` by itself. */
function withoutVersion(baseUrl: string): string {
  return baseUrl
    .replace(/\/+$/, '')
    .replace(/\/messages$/, '')
    .replace(/\/v1$/, '');
}
