import { ProtocolError } from '@modelcontextprotocol/client';
import * as z from 'zod';
import type { JsonObject } from '../../base/json.ts';
import type { Sample, SamplingRequest } from '../../core/tools/sampling.ts';
import type { CallContext } from '../../core/tools/tool.ts';

/** The code that MCP gives for a request which the person rejected. */
const rejected = -1;

const part = z.union([
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('image'), mimeType: z.string(), data: z.string() }),
]);
const wanted = z.object({
  messages: z.array(
    z.object({
      role: z.enum(['user', 'assistant']),
      content: z.union([part.transform((one) => [one]), z.array(part)]),
    }),
  ),
  maxTokens: z.number().int().positive(),
  systemPrompt: z.string().optional(),
  temperature: z.number().optional(),
  stopSequences: z.array(z.string()).optional(),
  modelPreferences: z
    .object({ hints: z.array(z.object({ name: z.string().optional() })).optional() })
    .optional(),
  tools: z.array(z.unknown()).max(0, 'tools are not offered').optional(),
});

/** Asks a model for a server, behind the port that pays for it, and gives MCP's `CreateMessageResult`. */
export async function sampleForServer(
  params: unknown,
  options: {
    readonly server: string;
    readonly sample: Sample;
    readonly context: CallContext | undefined;
  },
  signal: AbortSignal,
): Promise<JsonObject> {
  const parsed = wanted.safeParse(params);
  if (!parsed.success)
    throw new ProtocolError(-32602, `This cannot be asked of a model: ${z.prettifyError(parsed.error)}`);
  const { messages, maxTokens, systemPrompt, temperature, stopSequences, modelPreferences } = parsed.data;
  const { server, sample, context } = options;
  const request: SamplingRequest = {
    server,
    messages,
    maxTokens,
    modelHints: (modelPreferences?.hints ?? []).flatMap(({ name }) => (name === undefined ? [] : [name])),
    ...(systemPrompt === undefined ? {} : { systemPrompt }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(stopSequences === undefined ? {} : { stopSequences }),
    ...(context ? { context } : {}),
  };
  const answer = await sample(request, signal);
  if (answer.kind === 'refused') throw new ProtocolError(rejected, answer.reason);
  const { text, model, stopReason } = answer;
  return { role: 'assistant', model, stopReason, content: { type: 'text', text } };
}
