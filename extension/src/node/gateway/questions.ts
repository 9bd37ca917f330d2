import type { ClientCapabilities, ServerContext } from '@modelcontextprotocol/server';
import * as z from 'zod';
import type { JsonObject } from '../../base/json.ts';
import type { QuestionDesk, ServerQuestion } from '../../core/tools/index.ts';
import type { Answers } from './open-call.ts';

/** A person may have to think. */
const ANSWER_LIMIT_MS = 10 * 60_000;

const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), z.json());

/** What a client can be asked, in the words of the protocol. */
export function capabilitiesJson(capabilities: ClientCapabilities | undefined): JsonObject {
  const { elicitation, sampling, roots } = capabilities ?? {};
  return jsonObject.parse({
    ...(elicitation ? { elicitation } : {}),
    ...(sampling ? { sampling } : {}),
    ...(roots ? { roots } : {}),
  });
}

/** In the older revisions a question is a request of its own, on the stream of the call that it belongs to. */
export function askDirectly(context: ServerContext): QuestionDesk['ask'] {
  return async (questions, signal) => {
    const answers = await Promise.all(
      Object.entries(questions).map(async ([key, question]) => {
        const options = { signal, timeout: ANSWER_LIMIT_MS, resetTimeoutOnProgress: true };
        const { method, params } = question;
        const answer: unknown = await context.mcpReq.send({ method, params: { ...params } }, options);
        return [key, jsonObject.parse(answer)] as const;
      }),
    );
    return Object.fromEntries(answers);
  };
}

const SHAPES: Readonly<Record<ServerQuestion['method'], z.ZodType>> = {
  'elicitation/create': z.looseObject({ action: z.enum(['accept', 'decline', 'cancel']) }),
  'sampling/createMessage': z.looseObject({ role: z.string(), content: z.unknown() }),
  'roots/list': z.looseObject({ roots: z.array(z.unknown()) }),
};

/** The answers that are answers to these questions; any other is as if it had not been given. */
export function usableAnswers(
  given: Readonly<Record<string, unknown>> | undefined,
  questions: Readonly<Record<string, ServerQuestion>>,
): Answers {
  const usable = Object.entries(questions).flatMap(([key, { method }]) => {
    const answer = jsonObject.safeParse(given?.[key]);
    return answer.success && SHAPES[method].safeParse(answer.data).success
      ? [[key, answer.data] as const]
      : [];
  });
  return Object.fromEntries(usable);
}
