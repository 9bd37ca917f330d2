import type { Json, JsonObject } from '../../base/json.ts';
import { canonicalJson } from '../../base/json.ts';
import { isStrataError } from '../../base/errors.ts';
import type { ToolCallPart, ToolMessage } from '../../protocol/message.ts';
import type { StepId } from '../../protocol/run-event.ts';
import { decideApproval } from '../tools/policy.ts';
import type { Tool } from '../tools/tool.ts';
import type { CallOutcome } from './breakers.ts';
import { createCrew } from './crew.ts';
import type { AgentResult } from './crew.ts';
import { RunPaused } from './errors.ts';
import { RUN_AGENT } from './orchestration-tools.ts';
import type { RunPorts } from './run-ports.ts';
import type { RunInput } from './run-input.ts';
import { noteFailure } from './run-work.ts';
import type { Work } from './run-work.ts';
import { allSettled } from './settled.ts';
import { stepLimits } from './step-defaults.ts';
import type { StepIo, StepResult } from './steps.ts';

export interface TurnContext {
  readonly input: RunInput;
  readonly work: Work;
  /** What the agent may call now. */
  readonly tools: readonly Tool[];
}

export interface Turn {
  /** One for each call, in the order of the calls. */
  readonly messages: readonly ToolMessage[];
  readonly outcomes: readonly CallOutcome[];
  readonly changedFiles: boolean;
  /** Which step changed which. */
  readonly changes: readonly { readonly by: string; readonly paths: readonly string[] }[];
  /** Dollars of each sub-run. */
  readonly subRuns: readonly number[];
}

/** A call and what was decided about it before anything was done. */
export interface Decided {
  readonly call: ToolCallPart;
  readonly tool: Tool | undefined;
  /** Why it may not go on, in words for the model. */
  readonly refusal: string | undefined;
  /** A person changed the arguments. */
  readonly edited: boolean;
}

/**
 * Does what the model asked for in one turn. A person is asked about all calls at once; what only reads, and sub-agents, go
 * side by side, while a call that writes has the files to itself.
 */
export async function actOn(
  ports: RunPorts,
  context: TurnContext,
  calls: readonly ToolCallPart[],
): Promise<Turn> {
  const decided = await allSettled(calls.map((call) => decide(ports, context, call)));
  const before = context.work.tree;
  const messages: ToolMessage[] = [];
  const subRuns: number[] = [];
  const changes: { by: string; paths: readonly string[] }[] = [];
  for (const batch of batches(decided)) {
    const parts = batch.filter((one) => isPart(one));
    const crew = createCrew(ports, context.input, ports.steps, context.work, {
      folder: ports.isolation === 'copy',
    });
    // All steps are asked for in one go: tools first, then sub-agents, whatever order they end in.
    const [answers, results] = await allSettled([
      allSettled(batch.filter((one) => !isPart(one)).map((one) => callTool(ports, context, one))),
      crew.performAll(parts.map(({ call }) => assignment(call))),
    ]);
    const tools = answers.values();
    const agents = results.values();
    for (const one of batch) {
      if (!isPart(one)) {
        const answer = tools.next().value as Answered;
        changes.push({ by: `step ${answer.step}`, paths: answer.paths });
        messages.push(answer.message);
      } else {
        const result = agents.next().value as AgentResult;
        subRuns.push(result.usd);
        changes.push({ by: `step ${result.step}`, paths: result.paths });
        messages.push(reportOf(one, result));
      }
    }
  }
  return {
    messages,
    outcomes: messages.map((message, index) => outcomeOf(decided[index], message)),
    changedFiles: context.work.tree !== before,
    changes: changes.filter(({ paths }) => paths.length > 0),
    subRuns,
  };
}

function isPart({ tool, refusal }: Decided): boolean {
  return tool?.name === RUN_AGENT && refusal === undefined;
}

function assignment({ arguments: given }: ToolCallPart): { agent: string; task: string } {
  const { agent, task } = given;
  return { agent: typeof agent === 'string' ? agent : '', task: typeof task === 'string' ? task : '' };
}

/** Runs of calls that may go side by side; a call that writes is alone. */
function batches(decided: readonly Decided[]): Decided[][] {
  const result: Decided[][] = [];
  let open: Decided[] | undefined;
  for (const one of decided) {
    const alone = one.refusal === undefined && one.tool !== undefined && one.tool.effect !== 'read';
    if (alone || !open) {
      result.push([one]);
      open = alone ? undefined : result.at(-1);
    } else open.push(one);
  }
  return result;
}

/** Asks a person where the rules say so. A step, or nothing at all. */
export async function decide(
  { steps, approve, run }: RunPorts,
  { input, tools }: TurnContext,
  call: ToolCallPart,
): Promise<Decided> {
  const tool = tools.find(({ name }) => name === call.tool);
  if (!tool) return { call, tool, refusal: undefined, edited: false };
  const decision = decideApproval(input.approval, tool);
  if (decision === 'allow') return { call, tool, refusal: undefined, edited: false };
  if (decision === 'deny') {
    const refusal = `The user's rules do not allow ${tool.name}. Go on without it.`;
    return { call, tool, refusal, edited: false };
  }
  const { output: answer } = await steps.run<ApprovalOutput>(
    { kind: 'approval', name: tool.name, effect: 'read', input: { arguments: call.arguments } },
    async (io) => {
      const request = {
        run,
        step: io.step,
        tool: tool.name,
        arguments: call.arguments,
        effect: tool.effect,
      };
      const { allowed, reason, arguments: edited } = await approve(request, io.signal);
      return {
        output: {
          allowed,
          ...(reason === undefined ? {} : { reason }),
          ...(edited === undefined ? {} : { arguments: edited }),
        },
      };
    },
  );
  if (answer.allowed) {
    if (!answer.arguments) return { call, tool, refusal: undefined, edited: false };
    return { call: { ...call, arguments: answer.arguments }, tool, refusal: undefined, edited: true };
  }
  const said = answer.reason === undefined ? '' : `: ${answer.reason}`;
  const refusal = `The user refused this call${said}. Go on another way, or ask what they want.`;
  return { call, tool, refusal, edited: false };
}

interface ApprovalOutput extends JsonObject {
  readonly allowed: boolean;
  readonly reason?: string;
  readonly arguments?: JsonObject;
}

export interface Answered {
  readonly step: StepId | undefined;
  readonly message: ToolMessage;
  readonly paths: readonly string[];
}

/** One step: the call, or the refusal that stands in its place. It is asked for before this returns. */
export async function callTool(ports: RunPorts, context: TurnContext, decided: Decided): Promise<Answered> {
  const { call, tool, refusal, edited } = decided;
  const { work, tools } = context;
  const asked = ports.steps.run<ToolOutput>(
    {
      kind: 'tool',
      name: call.tool,
      effect: tool && refusal === undefined ? tool.effect : 'read',
      input: { arguments: call.arguments, ...(refusal === undefined ? {} : { refusal }) },
      limits: stepLimits('tool'),
    },
    (io) => {
      if (!tool) return Promise.resolve(failure(unknownTool(call.tool, tools)));
      if (refusal !== undefined) return Promise.resolve(failure(refusal));
      return execute(ports, tool, work.tree, call, io);
    },
  );
  const end = await asked.catch(skippedOrLate);
  const recorded = end.output;
  if (recorded.isError) noteFailure(work, call.tool, firstText(recorded.content));
  if (recorded.tree !== undefined) {
    work.tree = recorded.tree;
    ports.onTree(recorded.tree);
  }
  const paths = recorded.paths ?? [];
  for (const path of paths) work.changed.add(path);
  const content = edited ? [...recorded.content, told(call.arguments)] : recorded.content;
  const { isError } = recorded;
  return { message: { role: 'tool', callId: call.callId, content, isError }, step: end.step, paths };
}

/** Without a word about it the model would think that its own arguments were used. */
function told(args: JsonObject): { readonly type: 'text'; readonly text: string } {
  return { type: 'text', text: `The user changed the arguments of this call to ${canonicalJson(args)}` };
}

type ToolOutput = Json & {
  readonly content: ToolMessage['content'];
  readonly isError: boolean;
  readonly tree?: string;
  readonly paths?: readonly string[];
};

async function execute(
  { tools, files }: RunPorts,
  tool: Tool,
  before: string,
  call: ToolCallPart,
  io: StepIo,
): Promise<StepResult<ToolOutput>> {
  const result = await tools.call(tool.name, {
    arguments: call.arguments,
    signal: io.signal,
    onOutput: io.output,
  });
  const output = { content: result.content, isError: result.isError };
  const after = tool.effect === 'read' ? before : await files.snapshot(io.signal);
  if (after === before) return { output: output as ToolOutput, isError: result.isError };
  const paths = await files.changedPaths(before, after);
  return {
    output: { ...output, tree: after, paths } as ToolOutput,
    isError: result.isError,
    files: { before, after, paths },
  };
}

/**
 * A call that a person decided to leave as it is, done or not, and one that ran into its time limit, are results like any
 * other; what else failed stays thrown.
 */
function skippedOrLate(error: unknown): { readonly output: ToolOutput; readonly step?: StepId } {
  if (error instanceof RunPaused || !isStrataError(error)) throw error;
  if (error.code === 'step-unknown')
    return failure(`${error.message} The user looked and decided not to do it again.`);
  if (error.code === 'step-too-long' || error.code === 'step-idle')
    return failure(`${error.message} Do it in smaller parts, or go on without it.`);
  throw error;
}

function reportOf({ call }: Decided, result: AgentResult): ToolMessage {
  const { agent, outcome, answer, paths, conflicts } = result;
  const lines = [outcome === 'succeeded' ? answer : `${agent} ${outcome}: ${answer}`];
  if (paths.length > 0) lines.push(`Files changed, and merged into yours: ${paths.join(', ')}`);
  for (const { path, reason } of conflicts) lines.push(`Not merged, yours was kept: ${path} (${reason})`);
  const content = [{ type: 'text' as const, text: lines.join('\n\n') }];
  return { role: 'tool', callId: call.callId, content, isError: outcome !== 'succeeded' };
}

function outcomeOf(decided: Decided | undefined, message: ToolMessage): CallOutcome {
  const call = decided?.call;
  return {
    tool: call?.tool ?? '',
    call: `${call?.tool} ${canonicalJson(call?.arguments ?? {})}`,
    result: JSON.stringify(message.content),
    isError: message.isError,
  };
}

function failure(text: string): StepResult<ToolOutput> {
  return { output: { content: [{ type: 'text', text }], isError: true }, isError: true };
}

function unknownTool(name: string, tools: readonly Tool[]): string {
  return `There is no tool "${name}" for you. You have: ${tools.map((tool) => tool.name).join(', ')}.`;
}

function firstText(content: ToolMessage['content']): string {
  const text = content.find((part) => part.type === 'text');
  return text?.type === 'text' ? text.text : 'no text';
}
