import { CLIENT_CAPABILITIES_META_KEY } from '@modelcontextprotocol/server';
import type { Server, ServerContext } from '@modelcontextprotocol/server';
import * as z from 'zod';
import type { JsonObject } from '../../base/json.ts';
import type { QuestionDesk, ServerQuestion } from '../../core/tools/index.ts';
import type { Answers } from './open-call.ts';

/** A person may have to think. */
const ANSWER_LIMIT_MS = 10 * 60_000;

const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), z.json());

const askable = z.object({
  elicitation: jsonObject.exactOptional(),
  sampling: jsonObject.exactOptional(),
  roots: jsonObject.exactOptional(),
});

/** What a client can be asked, in the words of the protocol: in the newest revision each request says it anew. */
export function capabilitiesOf({ mcpReq: { envelope } }: ServerContext, server: Server): JsonObject {
  const meta: Readonly<Record<string, unknown>> = { ...envelope };
  const given = envelope === undefined ? server.getClientCapabilities() : meta[CLIENT_CAPABILITIES_META_KEY];
  return askable.parse(given ?? {});
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
