import { listMember, textMember } from './foreign.ts';
import type { Environment, Ollama, OllamaModel } from '../../core/models/index.ts';

const DEFAULT_ADDRESS = 'http://127.0.0.1:11434';
const TAGS_LIMIT_MS = 500;
const SHOW_LIMIT_MS = 1_000;
/** The list is sorted by last use, so the model that is meant stands near its top. */
const MOST_ASKED = 12;

/** Asks for the models of the Ollama at OLLAMA_HOST or its usual address. `undefined` when none answers in time or it has no models. */
export async function probeOllama(env: Environment): Promise<Ollama | undefined> {
  const found = await listModels(env);
  const able = found?.models.flatMap(({ name, can }): readonly OllamaModel[] => {
    // Ollama before 0.6.4 does not say.
    if (can.length === 0) return [{ name, tools: undefined }];
    return can.includes('completion') ? [{ name, tools: can.includes('tools') }] : [];
  });
  return found && able && able.length > 0 ? { baseUrl: found.baseUrl, models: able } : undefined;
}

/** The same for the names of its models that make embeddings. One that answers may have none. */
export async function probeOllamaEmbedders(
  env: Environment,
): Promise<{ readonly baseUrl: string; readonly embedders: readonly string[] } | undefined> {
  const found = await listModels(env);
  if (!found) return undefined;
  const able = found.models.filter(({ name, can }) =>
    can.length === 0 ? EMBEDDER_NAME.test(name) : can.includes('embedding'),
  );
  return { baseUrl: found.baseUrl, embedders: able.map(({ name }) => name) };
}

/** How embedding models are called, for an Ollama that does not say what a model can do. */
const EMBEDDER_NAME = /embed|minilm|bge-|^gte/i;

interface Listed {
  readonly name: string;
  /** Empty where it does not say. */
  readonly can: readonly unknown[];
}

async function listModels(
  env: Environment,
): Promise<{ readonly baseUrl: string; readonly models: readonly Listed[] } | undefined> {
  const address = addressOf(env.OLLAMA_HOST);
  if (address === undefined) return undefined;
  const tags = await ask(`${address}/api/tags`, undefined, AbortSignal.timeout(TAGS_LIMIT_MS));
  if (tags === undefined) return undefined;
  const names = listMember(tags, 'models').flatMap((model) => textMember(model, 'name') ?? []);
  const signal = AbortSignal.timeout(SHOW_LIMIT_MS);
  const models = await Promise.all(
    names.slice(0, MOST_ASKED).map(async (name): Promise<Listed> => {
      const shown = await ask(`${address}/api/show`, { model: name }, signal);
      return { name, can: listMember(shown, 'capabilities') };
    }),
  );
  return { baseUrl: address, models };
}

/** Whatever goes wrong here means the same: there is no Ollama to use. */
async function ask(url: string, body: object | undefined, signal: AbortSignal): Promise<unknown> {
  try {
    const post = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const response = await fetch(url, { ...post, signal, redirect: 'error' });
    const answer: unknown = response.ok ? await response.json() : undefined;
    if (!response.ok) await response.body?.cancel();
    return answer;
  } catch {
    return undefined;
  }
}

/** The forms that Ollama's own client takes: `host`, `host:port`, `:port`, with or without a scheme. */
export function addressOf(host: string | undefined): string | undefined {
  const given = (host ?? '').trim().replace(/\/+$/, '');
  if (given === '') return DEFAULT_ADDRESS;
  const hasScheme = /^https?:\/\//.test(given);
  const text = hasScheme ? given : `http://${given.startsWith(':') ? `127.0.0.1${given}` : given}`;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  // A server's listening address, which is no address to call.
  if (url.hostname === '0.0.0.0' || url.hostname === '[::]') url.hostname = '127.0.0.1';
  const bare = url.port === '' && !hasScheme && !/:\d+$/.test(given);
  if (bare) url.port = '11434';
  return url.origin;
}
