import type { Json, JsonObject } from '../../base/json.ts';
import { isStrataError } from '../../base/errors.ts';
import type { ToolCallPart, ToolMessage } from '../../protocol/message.ts';
import type { RunId } from '../../protocol/run-event.ts';
import type { Episode, Memory } from '../memory/memory.ts';
import type { Models } from '../models/provider.ts';
import { decideApproval } from '../tools/policy.ts';
import type { Tool, Tools } from '../tools/tool.ts';
import { mayUse } from './agent.ts';
import { converse } from './agent-loop.ts';
import type { ApprovalAnswer, ApprovalRequest, RunFiles, RunLog } from './ports.ts';
import { RunPaused } from './errors.ts';
import { openingMessages } from './prompt.ts';
import type { RunInput } from './run-input.ts';
import type { Step, StepIo, StepResult } from './stepper.ts';

const RECALLED_EPISODES = 3;

/** Everything an agent's run reaches out to. In a replay only `step` and `log` are ever touched. */
export interface AgentRunPorts {
  readonly run: RunId;
  readonly step: Step;
  readonly log: Pick<RunLog, 'putBlob' | 'getBlob'>;
  readonly models: Models;
  readonly memory: Memory;
  readonly files: RunFiles;
  readonly tools: Tools;
  readonly approve: (request: ApprovalRequest, signal: AbortSignal) => Promise<ApprovalAnswer>;
  readonly now: () => number;
  /** The newest known tree of the run's files, for whoever must put them back. */
  readonly onTree: (tree: string) => void;
}

/**
 * The program of a run with a single agent. It is a function of its input and of the answers to its steps, and of nothing
 * else: that is what lets it be resumed and replayed. Returns the agent's answer.
 */
export async function agentRun(ports: AgentRunPorts, input: RunInput): Promise<string> {
  const [begun] = await all([takeSnapshot(ports), indexWorkspace(ports)]);
  ports.onTree(begun.tree);
  const [episodes, catalogue] = await all([recall(ports, input.task), listTools(ports)]);
  const tools = catalogue.filter((tool) => mayUse(input.agent, tool.name));
  const work = { tree: begun.tree, changed: new Set<string>(), failures: [] as string[] };
  const answer = await converse(
    { ...ports, callTool: (call) => callTool(ports, input, tools, work, call) },
    input,
    tools,
    openingMessages(input, episodes, begun.files),
  );
  await remember(ports, input, answer, work);
  return answer;
}

interface Work {
  tree: string;
  readonly changed: Set<string>;
  readonly failures: string[];
}

function takeSnapshot({ step, files }: AgentRunPorts): Promise<{ tree: string; files: number }> {
  return step({ kind: 'snapshot', name: 'workspace', effect: 'read', input: {} }, async (io) => {
    const begun = await files.begin(io.signal);
    for (const note of begun.notes) io.note('warning', note);
    return { output: { tree: begun.tree, files: begun.files } };
  });
}

/** Memory is a help and no condition: without it the run goes on, and the step says what is missing. */
function indexWorkspace({ step, memory }: AgentRunPorts): Promise<JsonObject> {
  return step<JsonObject>({ kind: 'index', name: 'workspace', effect: 'read', input: {} }, (io) =>
    withoutMemory<JsonObject>(io, {}, async () => {
      const report = await memory.index({
        signal: io.signal,
        onProgress: ({ done, total }) => io.output(`${done} of ${total} files\n`),
      });
      return { ...report };
    }),
  );
}

function recall({ step, memory }: AgentRunPorts, task: string): Promise<readonly Episode[]> {
  return step<Episode[] & Json>({ kind: 'recall', name: 'episodes', effect: 'read', input: { task } }, (io) =>
    withoutMemory(io, [] as Episode[] & Json, async () => {
      const episodes = await memory.recall(task, { limit: RECALLED_EPISODES, signal: io.signal });
      return [...episodes] as Episode[] & Json;
    }),
  );
}

function listTools({ step, tools }: AgentRunPorts): Promise<readonly Tool[]> {
  return step<Tool[] & Json>({ kind: 'catalogue', name: 'tools', effect: 'read', input: {} }, async (io) => {
    const catalogue = await tools.catalogue(io.signal, (text) => io.output(`${text}\n`));
    for (const note of catalogue.notes) io.note('warning', note);
    return { output: [...catalogue.tools] as Tool[] & Json };
  });
}

async function callTool(
  ports: AgentRunPorts,
  input: RunInput,
  tools: readonly Tool[],
  work: Work,
  call: ToolCallPart,
): Promise<ToolMessage> {
  const tool = tools.find(({ name }) => name === call.tool);
  const refusal = tool ? await refused(ports, input, tool, call) : undefined;
  const asked = ports.step<ToolOutput>(
    {
      kind: 'tool',
      name: call.tool,
      effect: tool && refusal === undefined ? tool.effect : 'read',
      input: { arguments: call.arguments, ...(refusal === undefined ? {} : { refusal }) },
    },
    (io) => {
      if (!tool) return Promise.resolve(failure(unknownTool(call.tool, tools)));
      if (refusal !== undefined) return Promise.resolve(failure(refusal));
      return execute(ports, tool, work.tree, call, io);
    },
  );
  const recorded = await asked.catch(skippedByUser);
  if (recorded.isError) work.failures.push(`${call.tool}: ${firstLine(recorded.content)}`);
  if (recorded.tree !== undefined) {
    work.tree = recorded.tree;
    ports.onTree(recorded.tree);
  }
  for (const path of recorded.paths ?? []) work.changed.add(path);
  return { role: 'tool', callId: call.callId, content: recorded.content, isError: recorded.isError };
}

type ToolOutput = Json & {
  readonly content: ToolMessage['content'];
  readonly isError: boolean;
  readonly tree?: string;
  readonly paths?: readonly string[];
};

async function execute(
  { tools, files }: AgentRunPorts,
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

/** A call that a person decided to leave as it is, done or not, is a result like any other; what else failed stays thrown. */
function skippedByUser(error: unknown): ToolOutput {
  if (error instanceof RunPaused || !isStrataError(error) || error.code !== 'step-unknown') throw error;
  const text = `${error.message} The user looked and decided not to do it again.`;
  return failure(text).output;
}

/** Why the call may not go on, in words for the model; `undefined` when it may. */
async function refused(
  { step, approve }: AgentRunPorts,
  input: RunInput,
  tool: Tool,
  call: ToolCallPart,
): Promise<string | undefined> {
  const decision = decideApproval(input.approval, tool);
  if (decision === 'allow') return undefined;
  if (decision === 'deny') return `The user's rules do not allow ${tool.name}. Go on without it.`;
  const answer = await step<{ readonly allowed: boolean; readonly reason?: string }>(
    { kind: 'approval', name: tool.name, effect: 'read', input: { arguments: call.arguments } },
    async (io) => {
      const given = await approve(
        { tool: tool.name, arguments: call.arguments, effect: tool.effect },
        io.signal,
      );
      const { allowed, reason } = given;
      return { output: { allowed, ...(reason === undefined ? {} : { reason }) } };
    },
  );
  if (answer.allowed) return undefined;
  return `The user refused this call${answer.reason === undefined ? '' : `: ${answer.reason}`}. Go on another way, or ask what they want.`;
}

function remember(ports: AgentRunPorts, input: RunInput, answer: string, work: Work): Promise<JsonObject> {
  const lesson = {
    run: ports.run,
    agent: input.agent.name,
    task: input.task,
    outcome: 'succeeded',
    answer,
    files: [...work.changed].sort(),
    failures: work.failures,
  };
  return ports.step<JsonObject>({ kind: 'remember', name: 'episode', effect: 'read', input: lesson }, (io) =>
    withoutMemory<JsonObject>(io, {}, async () => {
      await ports.memory.remember({ ...lesson, at: ports.now() });
      return { run: ports.run };
    }),
  );
}

async function withoutMemory<T extends Json>(
  io: StepIo,
  otherwise: T,
  work: () => Promise<T>,
): Promise<StepResult<T>> {
  try {
    return { output: await work() };
  } catch (error) {
    if (io.signal.aborted || !isStrataError(error)) throw error;
    io.note('warning', `${error.message} ${error.action}`);
    return { output: otherwise, isError: true };
  }
}

/** Like Promise.all, but waits for every one before it throws: a step must not end after its run has. */
async function all<A, B>(work: readonly [Promise<A>, Promise<B>]): Promise<[A, B]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

function failure(text: string): StepResult<ToolOutput> {
  return { output: { content: [{ type: 'text', text }], isError: true }, isError: true };
}

function unknownTool(name: string, tools: readonly Tool[]): string {
  return `There is no tool "${name}" for you. You have: ${tools.map((tool) => tool.name).join(', ')}.`;
}

function firstLine(content: ToolMessage['content']): string {
  const text = content.find((part) => part.type === 'text');
  return text?.type === 'text' ? (text.text.split('\n')[0] ?? '').slice(0, 200) : 'no text';
}
