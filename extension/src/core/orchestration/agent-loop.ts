import { isStrataError } from '../../base/errors.ts';
import type { Json } from '../../base/json.ts';
import type { AssistantMessage, Message, ToolCallPart } from '../../protocol/message.ts';
import { textOf, toolCallsOf } from '../../protocol/message.ts';
import type { Steering } from '../../protocol/run-event.ts';
import type { AgentDefinition } from './agent.ts';
import { createBreakers, DEFAULT_LIMITS, usdLimit } from './breakers.ts';
import type { Breakers } from './breakers.ts';
import { checkBreakers } from './check-breakers.ts';
import { fitContext } from './context.ts';
import { modelUse } from './model-use.ts';
import { HAND_OVER } from './orchestration-tools.ts';
import type { RunPorts } from './run-ports.ts';
import type { RunInput } from './run-input.ts';
import type { Work } from './run-work.ts';
import type { SamplingBudget } from './sampling.ts';
import { stepLimits } from './step-defaults.ts';
import type { StepResult } from './steps.ts';
import { createTalk } from './talk.ts';
import type { Talk, TalkRequest, TalkStart } from './talk.ts';
import { actOn } from './turn.ts';

export interface Conversation extends TalkStart {
  readonly input: RunInput;
  readonly work: Work;
}

/**
 * The loop of a run: ask the model, do what it asks for, until it answers without asking. A request is recorded as the end
 * of a chain of messages, so that each step adds to the log what is new and nothing else.
 */
export async function converse(ports: RunPorts, conversation: Conversation): Promise<string> {
  const { input, agent, work } = conversation;
  const breakers = createBreakers({
    ...DEFAULT_LIMITS,
    steps: agent.maxSteps,
    ...usdLimit(agent.budget, input),
  });
  const talk = createTalk(ports.log, conversation);
  const { memory } = talk;
  for (;;) {
    takeSteering(ports, talk);
    checkBreakers(ports.steps, breakers, ports.timesAllowed);
    if (await fitContext(ports, memory, talk.route)) breakers.condensing();
    const asked = await ask(ports, talk);
    if (!asked) continue;
    const { reply, usd } = asked;
    breakers.modelCall(usd);
    const calls = toolCallsOf(reply);
    if (calls.length === 0) {
      if (!isSteered(ports)) return textOf(reply);
      memory.add([reply]);
      continue;
    }
    const given = calls.find((call) => takerOf(talk, input, call));
    const taker = given && takerOf(talk, input, given);
    if (taker) {
      handOver(ports, talk, reply, given, taker);
      breakers.handOver();
      continue;
    }
    const { tools, behind, route } = talk;
    const sampling = samplingBudget(route, breakers);
    const turn = await actOn(ports, { input, work, tools, behind, sampling }, calls);
    breakers.turn(turn.outcomes, turn.changedFiles);
    for (const { cost } of turn.sampled) breakers.modelCall('usd' in cost ? cost.usd : 0);
    for (const cost of turn.subRuns) breakers.subRun(cost);
    for (const { by, paths } of turn.changes) memory.changed(by, paths);
    memory.add([reply, ...turn.messages]);
  }
}

/** What servers may have models answer in one turn; the breakers hear of it when the turn has ended. */
function samplingBudget(route: string, breakers: Breakers): SamplingBudget {
  let spent = 0;
  return {
    route,
    left: () => breakers.usdLeft() - spent,
    spend: (usd) => {
      spent += usd;
    },
  };
}

/** A person's word that the log holds at this place, or that has come in since. */
function isSteered({ steps, steering }: RunPorts): boolean {
  const upcoming = steps.upcoming();
  return upcoming === undefined ? steering() !== undefined : upcoming === 'steer';
}

function takeSteering(ports: RunPorts, talk: Talk): void {
  while (isSteered(ports)) {
    const said = ports.steps.record<Steering & Json>(
      { kind: 'steer', name: 'user', effect: 'read', input: {} },
      () => (ports.steering() ?? {}) as Steering & Json,
    );
    talk.steer(said);
  }
}

/** Undefined when the model found the request too long, and some of it can go. */
async function ask(
  ports: RunPorts,
  talk: Talk,
): Promise<{ readonly reply: AssistantMessage; readonly usd: number } | undefined> {
  try {
    const { output, model } = await chat(ports, talk.request(), talk.lead.name);
    if (model) talk.memory.measured(model.usage.input);
    return { reply: output, usd: model && 'usd' in model.cost ? model.cost.usd : 0 };
  } catch (error) {
    const isTooLong = isStrataError(error) && error.code === 'model-context-length';
    if (isTooLong && talk.memory.tooLong()) return undefined;
    throw error;
  }
}

function chat(
  { steps, models }: RunPorts,
  request: TalkRequest,
  agent: string,
): Promise<StepResult<AssistantMessage & Json>> {
  const { route, messages, definitions, conversation, catalogue, report } = request;
  return steps.run<AssistantMessage & Json>(
    {
      kind: 'chat',
      name: route,
      effect: 'read',
      input: { route, conversation, tools: catalogue },
      limits: stepLimits('chat'),
      ...(report ? { context: report } : {}),
    },
    async (io) => {
      const answer = await models.chat({
        route,
        agent,
        messages,
        tools: definitions,
        signal: io.signal,
        onText: io.output,
        onNote: io.note,
      });
      return {
        output: answer.message as AssistantMessage & Json,
        model: modelUse(answer),
      };
    },
  );
}

/** The agent that a call hands over to, if it may. */
function takerOf(talk: Talk, input: RunInput, call: ToolCallPart): AgentDefinition | undefined {
  const { agent } = call.arguments;
  if (call.tool !== HAND_OVER || typeof agent !== 'string') return undefined;
  return talk.lead.handOvers.includes(agent) ? input.agents[agent] : undefined;
}

/** From here on another agent leads. Other calls of the same turn are not made: who made them is not there any more. */
function handOver(
  { steps }: RunPorts,
  talk: Talk,
  reply: AssistantMessage,
  call: ToolCallPart,
  taker: AgentDefinition,
): void {
  const { message } = call.arguments;
  const told = typeof message === 'string' ? message : '';
  steps.record(
    {
      kind: 'hand-over',
      name: taker.name,
      effect: 'read',
      input: { from: talk.lead.name, to: taker.name, message: told },
    },
    () => ({ agent: taker.name, message: told }),
  );
  const answers = toolCallsOf(reply).map((one): Message => {
    const taken = one === call;
    const text = taken
      ? `${taker.name} goes on from here. ${told}`.trim()
      : `Not done: the conversation was handed over to ${taker.name}.`;
    return { role: 'tool', callId: one.callId, content: [{ type: 'text', text }], isError: !taken };
  });
  talk.memory.add([reply, ...answers]);
  talk.handOver(taker);
}
