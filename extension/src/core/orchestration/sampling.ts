import type { Message } from '../../protocol/message.ts';
import { textOf } from '../../protocol/message.ts';
import type { ModelUse } from '../../protocol/run-event.ts';
import type { Sample, SamplingMessage } from '../tools/sampling.ts';
import { modelUse } from './model-use.ts';
import type { RunPorts } from './run-ports.ts';
import type { StepIo } from './steps.ts';

/** Out of what a server's wishes for answers of a model are paid. */
export interface SamplingBudget {
  /** Of the agent whose call it is. */
  readonly route: string;
  /** Dollars that the run may still spend. */
  readonly left: () => number;
  readonly spend: (usd: number) => void;
}

/** Of one call. A server that wants more goes round in circles. */
const MOST_ANSWERS = 20;

/**
 * Answers a server's wishes in the course of one tool call, and adds what each cost to `used`. The model call is a part of
 * the tool's step, as a connection of the server is, and no step of its own: when and how often a server asks is nothing
 * that the program of the run decides, so a replay could not ask for the same steps again.
 */
export function sampleWithin(
  ports: Pick<RunPorts, 'models'>,
  budget: SamplingBudget,
  io: StepIo,
  used: ModelUse[],
): Sample {
  return async ({ server, route = budget.route, systemPrompt, messages, maxTokens }, signal) => {
    if (budget.left() <= 0) return { kind: 'refused', reason: 'The run has spent its budget.' };
    if (used.length >= MOST_ANSWERS)
      return { kind: 'refused', reason: `This call has had ${MOST_ANSWERS} answers of a model already.` };
    const system: readonly Message[] =
      systemPrompt === undefined ? [] : [{ role: 'system', text: systemPrompt }];
    const reply = await ports.models.chat({
      route,
      messages: [...system, ...messages.map(asMessage)],
      tools: [],
      maxOutputTokens: maxTokens,
      signal: AbortSignal.any([io.signal, signal]),
      onText: () => undefined,
      onNote: io.note,
    });
    const use = modelUse(reply);
    used.push(use);
    const usd = 'usd' in use.cost ? use.cost.usd : 0;
    budget.spend(usd);
    io.note('info', `${server} asked ${use.model} for an answer.`);
    const stopReason = reply.stop === 'length' ? 'maxTokens' : 'endTurn';
    return { kind: 'answered', text: textOf(reply.message), model: use.model, stopReason };
  };
}

function asMessage({ role, content }: SamplingMessage): Message {
  if (role === 'user') return { role, content };
  return { role, content: content.filter((part) => part.type === 'text') };
}
