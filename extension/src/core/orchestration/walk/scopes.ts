import { parseRunInput } from '../run-input.ts';
import type { AgentDefinition } from '../agent.ts';
import type { Json } from '../../../base/json.ts';
import { formatRunCost } from '../../../protocol/format.ts';
import type { ModelUse } from '../../../protocol/run-event.ts';
import type { StepView } from '../../../protocol/run-view.ts';
import type { Totals } from '../../../protocol/totals.ts';
import { readPayload } from '../../../protocol/payload.ts';
import { group, json, membersOf } from './inspected.ts';
import type { Given, Group, Inspected, List } from './inspected.ts';
import type { Roots } from './expression.ts';
import type { Recording, StepStop, Stop } from './recording.ts';
import type { Contents } from './step-values.ts';
import {
  conversationOf,
  inputGroup,
  messageList,
  replyOf,
  resultOf,
  runGroup,
  stepGroup,
} from './step-values.ts';

/** What can be looked into at a stop, by name. Nothing of it is read before it is opened. */
export interface Scope {
  readonly name: string;
  /** The name by which an expression reaches it. */
  readonly path: string;
  /** Its items are read page by page, so its length is asked for before it is opened. */
  readonly paged?: true;
  readonly value: () => Group | List;
}

/**
 * A step is shown with its recorded result; messages, memory, files and budget are as they stood there, and no later step
 * shows in them.
 */
export function scopesAt(stop: Stop, contents: Contents): readonly Scope[] {
  const run: Scope = { name: 'Run', path: 'run', value: () => runGroup(stop.recording.view) };
  const state: readonly Scope[] = [
    { name: 'Messages', path: 'messages', paged: true, value: () => messagesAt(stop, contents) },
    { name: 'Memory', path: 'memory', value: () => memoryAt(stop, contents) },
    { name: 'Files', path: 'files', value: () => filesAt(stop) },
    { name: 'Budget', path: 'budget', value: () => budgetAt(stop, contents) },
  ];
  if (stop.type === 'end') {
    return [
      { name: 'Answer', path: 'result', value: () => answerOf(stop.recording, contents) },
      ...state,
      run,
    ];
  }
  const { step } = stop;
  // The editor opens the first one by itself.
  return [
    {
      name: step.kind === 'tool' ? 'Arguments' : 'Input',
      path: step.kind === 'tool' ? 'arguments' : 'input',
      value: () => inputGroup(step, contents),
    },
    { name: 'Result', path: 'result', value: () => resultOf(step, contents) },
    ...state,
    { name: 'Step', path: 'step', value: () => stepGroup(step, stop.agent) },
    run,
  ];
}

/** What an expression at this stop can begin with. */
export function rootsAt(stop: Stop, contents: Contents): Roots {
  const scopes = scopesAt(stop, contents);
  const facts = membersOf(factsAt(stop));
  return {
    names: [...scopes.map(({ path }) => path), ...facts.map(({ name }) => name)],
    get: (name) =>
      scopes.find(({ path }) => path === name)?.value() ?? facts.find((fact) => fact.name === name)?.value,
  };
}

/** Beside the scopes. Numbers are numbers here, so that they can be compared. */
function factsAt(stop: Stop): Readonly<Record<string, Given>> {
  const { recording, agent } = stop;
  const shared = { agent, task: recording.view.task, runId: recording.run };
  if (stop.type === 'end') {
    return { ...shared, status: recording.view.status, cost: recording.view.totals.usd };
  }
  const { step } = stop;
  return {
    ...shared,
    id: step.id,
    kind: step.kind,
    name: step.name,
    status: step.status,
    failed: step.status === 'failed' || step.isError,
    error: step.error && json({ ...step.error }, step.error.message),
    attempt: step.attempt,
    durationMs: step.durationMs,
    model: step.model?.model,
    provider: step.model?.provider,
    cost: dollarsOf(step.model) ?? step.rollUp?.usd,
    tokens: step.model && step.model.usage.input + step.model.usage.output,
    paths: step.files && json([...step.files.paths]),
  };
}

/** The conversation as far as this step: of a model call what it was given, else with the last call's answer. */
function messagesAt(stop: Stop, contents: Contents): Group | List {
  const call = lastBefore(stop, ({ kind }) => kind === 'chat');
  if (!call) return empty('no model call yet');
  const id = conversationOf(call.step, contents);
  if (id === undefined) return empty('no messages are recorded');
  const reply = call === stop ? undefined : replyOf(call.step, contents);
  return messageList(id, reply === undefined ? [] : [reply], contents);
}

function memoryAt(stop: Stop, contents: Contents): Group {
  const recalls = allBefore(stop, ({ kind, output }) => kind === 'recall' && output !== undefined);
  if (recalls.length === 0) return empty('nothing was recalled');
  return {
    type: 'group',
    summary: `${recalls.length} recalls`,
    members: () =>
      recalls.map(({ step }) => ({
        name: `step ${step.id}`,
        value: json(step.output ? readPayload(contents.getBlob, step.output) : null),
      })),
  };
}

function filesAt(stop: Stop): Group {
  const changing = allBefore(stop, ({ files }) => files !== undefined);
  const own = stop.type === 'step' ? stop.step.files : undefined;
  const earlier = changing.filter((one) => one !== stop);
  const paths = new Map<string, string[]>();
  for (const { step } of earlier) {
    for (const path of step.files?.paths ?? []) paths.set(path, [...(paths.get(path) ?? []), step.id]);
  }
  const changed = [...paths].sort(([a], [b]) => (a < b ? -1 : 1));
  return group(`${changed.length} changed so far`, {
    changedBefore: group(
      changed.length === 0 ? 'none' : String(changed.length),
      Object.fromEntries(changed.map(([path, steps]) => [path, `step ${steps.join(', ')}`])),
    ),
    changedHere: own && json([...own.paths]),
    treeBefore: own?.before ?? earlier.at(-1)?.step.files?.after,
    treeAfter: own?.after,
    restored: stop.type === 'end' ? stop.recording.view.restored?.step : undefined,
  });
}

function budgetAt(stop: Stop, contents: Contents): Group {
  const { before } = stop;
  const after = (stop.type === 'step' ? stop.after : undefined) ?? before;
  const { agent, problem } = limitsOf(stop, contents);
  const calls = allBefore(stop, ({ kind, model }) => kind === 'chat' && model !== undefined).length;
  return group(formatRunCost(after), {
    spentBefore: json(spent(before), formatRunCost(before)),
    spentAfter: json(spent(after), formatRunCost(after)),
    dollars: limit(agent?.budget, after.usd),
    modelCalls: limit(agent?.maxSteps, calls),
    problem,
  });
}

function limit(most: number | undefined, used: number): Inspected {
  if (most === undefined) return json({ used: rounded(used) }, `${rounded(used)} used, no limit`);
  const left = rounded(most - used);
  return json({ limit: most, used: rounded(used), left }, `${left} left of ${most}`);
}

/** The agent that leads here, as the run was started with it. */
function limitsOf(
  stop: Stop,
  { getBlob }: Contents,
): { readonly agent?: Partial<Pick<AgentDefinition, 'budget' | 'maxSteps'>>; readonly problem?: string } {
  const { input } = stop.recording.view;
  if (!input) return {};
  try {
    const { program, agents } = parseRunInput(readPayload(getBlob, input));
    if (program.kind === 'gateway' || program.kind === 'chat') return {};
    if (program.kind === 'workflow') {
      const { budget } = program.workflow;
      return { agent: budget === undefined ? {} : { budget } };
    }
    return {
      agent: program.agent.name === stop.agent ? program.agent : (agents[stop.agent] ?? program.agent),
    };
  } catch {
    return { problem: 'What the run was started with cannot be read, so its limits are not known.' };
  }
}

function answerOf({ view }: Recording, { getBlob }: Contents): Group {
  return {
    type: 'group',
    summary: view.status,
    members: () =>
      membersOf({
        outcome: view.status,
        answer: view.answer && json(readPayload(getBlob, view.answer)),
        error: view.error && json({ ...view.error }, view.error.message),
      }),
  };
}

/** Steps of the same run that had begun when this one did, and this one, for which the test holds. */
function allBefore(stop: Stop, fits: (step: StepView) => boolean): StepStop[] {
  const found: StepStop[] = [];
  const { stops } = stop.recording;
  for (let index = 0; index <= stop.index; index += 1) {
    const one = stops[index];
    if (one?.type === 'step' && fits(one.step)) found.push(one);
  }
  return found;
}

function lastBefore(stop: Stop, fits: (step: StepView) => boolean): StepStop | undefined {
  const { stops } = stop.recording;
  for (let index = stop.index; index >= 0; index -= 1) {
    const one = stops[index];
    if (one?.type === 'step' && fits(one.step)) return one;
  }
  return undefined;
}

function spent({ usd, calls, inputTokens, outputTokens, subSteps }: Totals): Json {
  return { dollars: rounded(usd), modelCalls: calls, inputTokens, outputTokens, stepsOfSubAgents: subSteps };
}

function dollarsOf(use: ModelUse | undefined): number | undefined {
  return use && 'usd' in use.cost ? use.cost.usd : undefined;
}

/** Sums of dollars carry the noise of binary fractions. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

function empty(summary: string): Group {
  return { type: 'group', summary, members: () => [{ name: 'none', value: json(null, summary) }] };
}
