import * as z from 'zod';
import type { JsonObject } from '../../base/json.ts';
import type { Sample } from '../../core/tools/sampling.ts';
import type { CallContext, QuestionDesk, ServerQuestion } from '../../core/tools/tool.ts';
import { elicitFromPerson, type Elicit } from './elicitation.ts';
import { sampleForServer } from './sampling.ts';
import type { SchemaChecks } from './validate.ts';

/** Who answers a server's questions, apart from a caller that has a desk of its own. */
export interface Answerers {
  readonly server: string;
  readonly checks: SchemaChecks;
  readonly elicit?: Elicit;
  readonly sample?: Sample;
  /** Addresses of folders; absent where the server has no files. */
  readonly roots?: readonly { readonly uri: string; readonly name: string }[];
}

/** The call in whose middle a question comes. */
export interface AskingCall {
  readonly desk?: QuestionDesk;
  readonly context?: CallContext;
  readonly signal: AbortSignal;
}

const json: z.ZodType<JsonObject> = z.record(z.string(), z.json());
const questionShape = z.object({
  method: z.enum(['elicitation/create', 'sampling/createMessage', 'roots/list']),
  params: json.optional().default({}),
});

/** The questions in an `input_required` result. Throws when one is none that can be asked. */
export function parseQuestions(given: unknown): Readonly<Record<string, ServerQuestion>> {
  const parsed = z.record(z.string().max(256), questionShape).safeParse(given ?? {});
  if (parsed.success && Object.keys(parsed.data).length <= 50) return parsed.data;
  throw new Error('it asks something that is no question of the protocol');
}

/** Answers all questions that a server has at once. Throws when one is not for this client. */
export async function answerQuestions(
  questions: Readonly<Record<string, ServerQuestion>>,
  call: AskingCall,
  answerers: Answerers,
): Promise<Readonly<Record<string, JsonObject>>> {
  const entries = Object.entries(questions);
  const forDesk = entries.filter(([, question]) => call.desk !== undefined && takes(call.desk, question));
  const forPerson = entries.filter((entry) => !forDesk.includes(entry));
  const [byDesk, byPerson] = await Promise.all([
    forDesk.length > 0 ? call.desk?.ask(Object.fromEntries(forDesk), call.signal) : {},
    Promise.all(
      forPerson.map(async ([key, question]) => [key, await answer(question, call, answerers)] as const),
    ),
  ]);
  return { ...byDesk, ...Object.fromEntries(byPerson) };
}

/** One question, as the older revisions ask it: by a request of its own. */
export async function answerQuestion(
  question: ServerQuestion,
  call: AskingCall,
  answerers: Answerers,
): Promise<JsonObject> {
  const answers = await answerQuestions({ only: question }, call, answerers);
  return answers['only'] ?? {};
}

async function answer(
  { method, params }: ServerQuestion,
  call: AskingCall,
  answerers: Answerers,
): Promise<JsonObject> {
  const { server, elicit, sample, roots, checks } = answerers;
  switch (method) {
    case 'elicitation/create':
      if (!elicit) break;
      return elicitFromPerson(params, { server, elicit, checks }, call.signal);
    case 'sampling/createMessage':
      if (!sample) break;
      return sampleForServer(params, { server, sample, context: call.context }, call.signal);
    case 'roots/list':
      if (!roots) break;
      return { roots: roots.map(({ uri, name }) => ({ uri, name })) };
  }
  throw new Error(`it asks for ${method}, which is not offered here`);
}

function takes(desk: QuestionDesk, { method, params }: ServerQuestion): boolean {
  const { elicitation, sampling, roots } = desk.capabilities;
  if (method === 'sampling/createMessage') return sampling !== undefined;
  if (method === 'roots/list') return roots !== undefined;
  const modes = json.safeParse(elicitation);
  if (!modes.success) return false;
  if (params['mode'] === 'url') return modes.data['url'] !== undefined;
  return modes.data['form'] !== undefined || modes.data['url'] === undefined; // Empty means forms.
}
