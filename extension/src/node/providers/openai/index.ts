import { APIConnectionError, APIError, APIUserAbortError, OpenAI } from 'openai';
import { thinkingOf, type ChatCall, type Deployment, type Provider } from '../../../core/models/index.ts';
import { runCall } from '../call.ts';
import { CLIENT_OPTIONS, withheldHeaders } from '../client-options.ts';
import { answersOf } from '../failures.ts';
import { memberOf } from '../foreign.ts';
import type { StreamLimits } from '../limits.ts';
import type { ReasoningOwner } from '../reasoning-marks.ts';
import { endpointOf, type Endpoint } from './endpoint.ts';
import { fetchWithErrors } from './error-bodies.ts';
import { createOpenAIReader } from './read.ts';
import { toOpenAI, type WrittenMessages } from './request.ts';
import { createResponsesReader } from './responses/read.ts';
import { toResponses } from './responses/request.ts';
import { settingsOf, type CacheKeys } from './settings.ts';

const asAnswer = answersOf({ APIError, APIConnectionError, APIUserAbortError });

/** OpenAI itself, and everything that speaks its chat completions or responses: Azure, Gemini, Groq, Ollama, vLLM, OpenRouter. */
export function createOpenAIProvider(
  deployment: Deployment,
  key: string | undefined,
  limits: StreamLimits,
): Provider {
  const endpoint = endpointOf(deployment, key);
  const client = new OpenAI({
    ...CLIENT_OPTIONS,
    fetch: fetchWithErrors,
    baseURL: endpoint.baseURL,
    // The SDK wants a key; for a server that needs none the header is taken out again.
    apiKey: key ?? 'none',
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    defaultHeaders: { ...withheldHeaders(deployment, 'OPENAI_CUSTOM_HEADERS'), ...endpoint.headers },
  });
  // As the methods of the SDK do, which would make their own text of all messages each time.
  const post: Post = (path, body, signal) =>
    client
      .post(path, { body, headers: { 'content-type': 'application/json' }, stream: true, signal })
      .asResponse();
  const chat =
    endpoint.api === 'responses'
      ? responses(deployment, endpoint, post)
      : chatCompletions(deployment, endpoint, post);
  return { chat: (call) => runCall(call, { limits, key, asAnswer, ...chat(call) }) };
}

type Post = (path: string, body: string, signal: AbortSignal) => Promise<Response>;
type Ask = (call: ChatCall) => Pick<Parameters<typeof runCall>[1], 'open' | 'reader'>;

function chatCompletions({ model }: Deployment, { official, origin }: Endpoint, post: Post): Ask {
  const written: WrittenMessages = new WeakMap();
  const keys: CacheKeys = new WeakMap();
  const owner: ReasoningOwner = { origin, model };
  return (call) => ({
    reader: (shown) => createOpenAIReader(shown, owner),
    open: (signal) => {
      const settings = settingsOf(call, model, official, keys);
      return post('/chat/completions', toOpenAI(call, { official, owner, ...settings }, written), signal);
    },
  });
}

function responses({ model }: Deployment, { official, origin }: Endpoint, post: Post): Ask {
  const written: WrittenMessages = new WeakMap();
  const keys: CacheKeys = new WeakMap();
  const owner: ReasoningOwner = { origin, model };
  const thinks = thinkingOf(model) !== undefined;
  let mayAskForSummaries = thinks;
  let phases = false;
  return (call) => ({
    reader: (shown) => createResponsesReader(shown, owner, () => (phases = true)),
    open: async (signal) => {
      const settings = settingsOf(call, model, official, keys);
      const ask = (summaries: boolean): Promise<Response> =>
        post(
          '/responses',
          toResponses(call, { ...settings, owner, thinks, summaries, phases }, written),
          signal,
        );
      const summaries = mayAskForSummaries && call.onReasoning !== undefined;
      try {
        return await ask(summaries);
      } catch (error) {
        if (!summaries || !isRefusedSummary(error)) throw error;
        mayAskForSummaries = false;
        return ask(false);
      }
    },
  });
}

/** OpenAI refuses a request that asks for summaries when the organisation of the key is not verified. */
function isRefusedSummary(error: unknown): boolean {
  const answer = asAnswer(error);
  return answer?.status === 400 && memberOf(answer.body, 'param') === 'reasoning.summary';
}
