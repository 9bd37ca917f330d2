import { canonicalJson } from '../../base/json.ts';
import type { ToolCallPart, ToolMessage } from '../../protocol/message.ts';
import type { ModelUse } from '../../protocol/run-event.ts';
import type { CallOutcome } from './breakers.ts';
import { createCrew } from './crew.ts';
import type { AgentResult } from './crew.ts';
import { RUN_AGENT } from './orchestration-tools.ts';
import type { RunPorts } from './run-ports.ts';
import { allSettled } from './settled.ts';
import { callTool, decide } from './tool-call.ts';
import type { Answered, Decided, TurnContext } from './tool-call.ts';

export interface Turn {
  /** One for each call, in the order of the calls. */
  readonly messages: readonly ToolMessage[];
  readonly outcomes: readonly CallOutcome[];
  readonly changedFiles: boolean;
  /** Which step changed which. */
  readonly changes: readonly { readonly by: string; readonly paths: readonly string[] }[];
  /** Dollars of each sub-run. */
  readonly subRuns: readonly number[];
  /** Model calls that servers asked for. */
  readonly sampled: readonly ModelUse[];
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
  const sampled: ModelUse[] = [];
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
        sampled.push(...answer.sampled);
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
    sampled,
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
