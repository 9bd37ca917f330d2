import type { Json, JsonObject } from '../../base/json.ts';
import { canonicalJson } from '../../base/json.ts';
import { isStrataError } from '../../base/errors.ts';
import type { ToolCallPart, ToolMessage } from '../../protocol/message.ts';
import type { ModelUse, StepId } from '../../protocol/run-event.ts';
import { traceparentOf } from '../observability/span-ids.ts';
import { answerAboutTools, isAboutTools, realCall } from '../tools/disclosure.ts';
import { decideApproval } from '../tools/policy.ts';
import type { CallContext, Tool } from '../tools/tool.ts';
import { RunPaused } from './errors.ts';
import type { RunPorts } from './run-ports.ts';
import type { RunInput } from './run-input.ts';
import { noteFailure } from './run-work.ts';
import type { Work } from './run-work.ts';
import { sampleWithin } from './sampling.ts';
import type { SamplingBudget } from './sampling.ts';
import { stepLimits } from './step-defaults.ts';
import type { StepEnd, StepIo, StepResult } from './steps.ts';

export interface TurnContext {
  readonly input: RunInput;
  readonly work: Work;
  /** What the agent may call now. */
  readonly tools: readonly Tool[];
  /** What it may call by `tools_call` alone, which tells it nothing of them before it asks. */
  readonly behind?: readonly Tool[];
  /** Servers that ask for answers of a model get none without it. */
  readonly sampling?: SamplingBudget;
}

/** A call and what was decided about it before anything was done. */
export interface Decided {
  readonly call: ToolCallPart;
  readonly tool: Tool | undefined;
  /** Why it may not go on, in words for the model. */
  readonly refusal: string | undefined;
  /** The rule that refused it, for people. */
  readonly rule?: string;
  /** A person changed the arguments. */
  readonly edited: boolean;
}

/**
 * Asks a person where the rules say so. A step, or nothing at all. A call of `tools_call` is from here on the call of the
 * tool that it names: rules, steps and results are that tool's.
 */
export async function decide(
  { steps, approve, run }: RunPorts,
  { input, tools, behind = [] }: TurnContext,
  asked: ToolCallPart,
): Promise<Decided> {
  const call = realCall(asked, [...tools, ...behind]);
  const tool = [...tools, ...behind].find(({ name }) => name === call.tool);
  const allowed: Decided = { call, tool, refusal: undefined, edited: false };
  // What the model may read of tools it could have been given with the request.
  if (!tool || isAboutTools(tool)) return allowed;
  const { approval, rule, byArguments } = decideApproval(input.approval, tool, call.arguments);
  if (approval === 'allow') return allowed;
  if (approval === 'deny') {
    const refusal = byArguments
      ? `The user's rules do not allow this call of ${tool.name} (${rule}). Go on without it, or call it another way.`
      : `The user's rules do not allow ${tool.name}. Go on without it.`;
    return { ...allowed, refusal, ...(rule === undefined ? {} : { rule }) };
  }
  const { output: answer } = await steps.run<ApprovalOutput>(
    { kind: 'approval', name: tool.name, effect: 'read', input: { arguments: call.arguments } },
    async (io) => {
      if (rule !== undefined) io.note('info', `Asked because of the rule ${rule}.`);
      const request = {
        run,
        step: io.step,
        tool: tool.name,
        arguments: call.arguments,
        effect: tool.effect,
        ...(rule === undefined ? {} : { rule }),
      };
      const { allowed: may, reason, arguments: edited } = await approve(request, io.signal);
      return {
        output: {
          allowed: may,
          ...(reason === undefined ? {} : { reason }),
          ...(edited === undefined ? {} : { arguments: edited }),
        },
      };
    },
  );
  if (answer.allowed) {
    if (!answer.arguments) return allowed;
    return { ...allowed, call: { ...call, arguments: answer.arguments }, edited: true };
  }
  const said = answer.reason === undefined ? '' : `: ${answer.reason}`;
  const refusal = `The user refused this call${said}. Go on another way, or ask what they want.`;
  return { ...allowed, refusal };
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
  /** Model calls of the server in the course of it. */
  readonly sampled: readonly ModelUse[];
}

/** One step: the call, or the refusal that stands in its place. It is asked for before this returns. */
export async function callTool(ports: RunPorts, context: TurnContext, decided: Decided): Promise<Answered> {
  const { call, tool, refusal, rule, edited } = decided;
  const { work, tools } = context;
  const effect = tool && refusal === undefined ? tool.effect : 'read';
  const asked = ports.steps.run<ToolOutput>(
    {
      kind: 'tool',
      name: call.tool,
      effect,
      input: { arguments: call.arguments, ...(refusal === undefined ? {} : { refusal }) },
      limits: stepLimits('tool'),
    },
    (io) => {
      if (!tool) return Promise.resolve(failure(unknownTool(call.tool, tools)));
      if (refusal !== undefined) {
        if (rule !== undefined) io.note('info', `Refused by the rule ${rule}.`);
        return Promise.resolve(failure(refusal));
      }
      if (isAboutTools(tool)) return Promise.resolve(answered(answerAboutTools(call, context.behind ?? [])));
      return execute(ports, tool, context, call, io);
    },
  );
  if (effect !== 'read') work.writes = (work.writes ?? 0) + 1;
  const end: Pick<StepEnd<ToolOutput>, 'output' | 'tool'> & { readonly step?: StepId } =
    await asked.catch(skippedOrLate);
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
  return {
    message: { role: 'tool', callId: call.callId, content, isError },
    step: end.step,
    paths,
    sampled: end.tool?.sampled ?? [],
  };
}

/** Without a word about it the model would think that its own arguments were used. */
function told(args: JsonObject): { readonly type: 'text'; readonly text: string } {
  return { type: 'text', text: `The user changed the arguments of this call to ${canonicalJson(args)}` };
}

type ToolOutput = Json & {
  readonly content: ToolMessage['content'];
  readonly isError: boolean;
  readonly structured?: JsonObject;
  readonly tree?: string;
  readonly paths?: readonly string[];
};

async function execute(
  ports: RunPorts,
  tool: Tool,
  { work, sampling }: TurnContext,
  call: ToolCallPart,
  io: StepIo,
): Promise<StepResult<ToolOutput>> {
  const { tools, files } = ports;
  const before = work.tree;
  const context = contextOf(ports, work, io.step);
  const sampled: ModelUse[] = [];
  const serving = sampling && ports.sampling?.serve(context, sampleWithin(ports, sampling, io, sampled));
  const result = await tools
    .call(tool.name, {
      arguments: call.arguments,
      server: tool.server,
      signal: io.signal,
      onOutput: io.output,
      onNote: io.note,
      context,
    })
    .finally(() => serving?.dispose());
  const output = {
    content: result.content,
    isError: result.isError,
    ...(result.structured === undefined ? {} : { structured: result.structured }),
  };
  const use = sampled.length === 0 ? result.use : { server: tool.server, ...result.use, sampled };
  const end = { isError: result.isError, ...(use ? { tool: use } : {}) };
  const after = tool.effect === 'read' ? before : await files.snapshot(io.signal);
  if (after === before) return { ...end, output: output as ToolOutput };
  const paths = await files.changedPaths(before, after);
  return {
    ...end,
    output: { ...output, tree: after, paths } as ToolOutput,
    files: { before, after, paths },
  };
}

/** In the user's own folder, files can change unseen, so no tree stands for them. */
function contextOf({ run, isolation }: RunPorts, work: Work, step: StepId): CallContext {
  return {
    run,
    step,
    traceparent: traceparentOf(run, step),
    ...(isolation === 'copy' ? { tree: work.tree, writes: work.writes ?? 0 } : {}),
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

function answered({
  text,
  isError,
}: {
  readonly text: string;
  readonly isError: boolean;
}): StepResult<ToolOutput> {
  return { output: { content: [{ type: 'text', text }], isError }, isError };
}

function failure(text: string): StepResult<ToolOutput> {
  return answered({ text, isError: true });
}

function unknownTool(name: string, tools: readonly Tool[]): string {
  return `There is no tool "${name}" for you. You have: ${tools.map((tool) => tool.name).join(', ')}.`;
}

function firstText(content: ToolMessage['content']): string {
  const text = content.find((part) => part.type === 'text');
  return text?.type === 'text' ? text.text : 'no text';
}
