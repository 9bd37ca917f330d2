import { DEFAULT_ORIGINS, needsResponses, originOf, type Deployment } from '../../../core/models/index.ts';

export interface Endpoint {
  readonly baseURL: string;
  readonly origin: string;
  /** OpenAI itself, whose newer models and parameters others may not know. */
  readonly official: boolean;
  readonly api: 'responses' | 'chat';
  /** With the key, or without one. `null` takes out what the SDK would send. */
  readonly headers: Readonly<Record<string, string | null>>;
}

/** Azure's OpenAI service. https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle */
const AZURE = /(?:^|\.)(?:openai|services\.ai|cognitiveservices)\.azure\.com$/;
/** What documents show with the address of a server, and people take along. */
const METHOD = /\/(chat\/completions|responses)$/;
/** What a token of Entra ID begins with, as every JSON Web Token does. */
const TOKEN = 'eyJ';

export function endpointOf({ baseUrl, model, api }: Deployment, key: string | undefined): Endpoint {
  const whole = (baseUrl ?? DEFAULT_ORIGINS.openai).replace(/\/+$/, '');
  const method = METHOD.exec(whole)?.[1];
  const given = whole.replace(METHOD, '');
  const url = new URL(given);
  const official = url.origin === DEFAULT_ORIGINS.openai;
  const azure = AZURE.test(url.hostname);
  // `http://host:1234` and `http://host:1234/v1` mean the same; any other path is taken as it is.
  const path = url.pathname === '/' ? (azure ? '/openai/v1' : '/v1') : '';
  const responses = method === 'responses' || ((official || azure) && needsResponses(model));
  return {
    baseURL: given + path,
    origin: originOf(given) ?? given,
    official,
    api: api ?? (responses ? 'responses' : 'chat'),
    headers: headersFor(key, azure),
  };
}

function headersFor(key: string | undefined, azure: boolean): Endpoint['headers'] {
  if (key === undefined) return { Authorization: null };
  return azure && !key.startsWith(TOKEN) ? { Authorization: null, 'api-key': key } : {};
}
