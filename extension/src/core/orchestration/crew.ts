import type { Json } from '../../base/json.ts';
import { isStrataError } from '../../base/errors.ts';
import type { FileChange, RunOutcome, StepId } from '../../protocol/run-event.ts';
import { RunStopped, tooDeep, unknownAgent } from './errors.ts';
import type { RunPorts } from './run-ports.ts';
import type { RunInput } from './run-input.ts';
import { noteFailure } from './run-work.ts';
import type { Work } from './run-work.ts';
import { allSettled, limiter } from './settled.ts';
import { stepLimits } from './step-defaults.ts';
import type { Steps, StepIo, StepLimits, StepResult } from './steps.ts';

/** A part of a task for an agent. */
export interface Assignment {
  readonly agent: string;
  readonly task: string;
}

/** How an agent's part ended. */
export interface AgentResult {
  readonly agent: string;
  readonly outcome: RunOutcome;
  /** Its answer, or why there is none. */
  readonly answer: string;
  readonly paths: readonly string[];
  /** Files of which only one side's changes could be kept: ours. */
  readonly conflicts: readonly { readonly path: string; readonly reason: string }[];
  /** Dollars. */
  readonly usd: number;
  /** The step that it was. */
  readonly step: StepId;
}

/** Agents at work for a run: each part is a sub-run of its own, and what it changes is merged into the files of `work`. */
export interface Crew {
  perform(part: Assignment): Promise<AgentResult>;
  /** Side by side; their changes are merged in the order of the parts. */
  performAll(parts: readonly Assignment[], parallel?: number): Promise<readonly AgentResult[]>;
}

/** More would only wait for each other's containers. */
const SIDE_BY_SIDE = 4;
/** Sub-runs of sub-runs of sub-runs: deeper than any plan that a person can follow. */
const DEEPEST = 4;

export interface CrewOptions {
  /** The run's own tools work on the files too, so its copy must follow. */
  readonly folder: boolean;
  /** Of each sub-run. */
  readonly limits?: StepLimits;
}

export function createCrew(
  ports: RunPorts,
  input: RunInput,
  steps: Steps,
  work: Work,
  options: CrewOptions,
): Crew {
  const performAll: Crew['performAll'] = async (parts, parallel = SIDE_BY_SIDE) => {
    const inTurn = limiter(Math.max(1, parallel));
    const from = work.tree;
    const ended = await allSettled(
      parts.map((part) => startPart(ports, input, steps, part, from, options.limits, inTurn)),
    );
    const results: AgentResult[] = [];
    for (const [index, part] of parts.entries()) {
      const end = ended[index];
      if (!end) continue;
      const { output, usd, step } = end;
      const { base, tree } = output;
      const change = { name: part.agent, base, tree, folder: options.folder };
      const merged = await mergeWork(ports, steps, work, change);
      if (output.outcome !== 'succeeded') noteFailure(work, part.agent, output.answer);
      const { outcome, answer } = output;
      results.push({ agent: part.agent, outcome, answer, ...merged, usd, step });
    }
    return results;
  };
  return {
    performAll,
    perform: async (part) => {
      const [result] = await performAll([part]);
      if (!result) throw new Error('one part in, one result out');
      return result;
    },
  };
}

type PartOutput = Json & {
  readonly outcome: RunOutcome;
  readonly answer: string;
  /** Its files as it found and as it left them; absent when it did not come so far. */
  readonly base?: string;
  readonly tree?: string;
};

/** Asks for its step at once, so that parts side by side have the order in which they were given. */
async function startPart(
  ports: RunPorts,
  input: RunInput,
  steps: Steps,
  { agent, task }: Assignment,
  from: string,
  limits: StepLimits | undefined,
  inTurn: <T>(work: () => Promise<T>) => Promise<T>,
): Promise<{ readonly output: PartOutput; readonly usd: number; readonly step: StepId }> {
  const result = await steps.run<PartOutput>(
    {
      kind: 'agent',
      name: agent,
      effect: 'read',
      input: { task, from },
      child: true,
      limits: { ...stepLimits('agent'), ...limits },
    },
    (io) => inTurn(() => performPart(ports, input, agent, task, from, io)),
  );
  return { output: result.output, usd: result.rollUp?.usd ?? 0, step: result.step };
}

async function performPart(
  ports: RunPorts,
  input: RunInput,
  name: string,
  task: string,
  from: string,
  io: StepIo,
): Promise<StepResult<PartOutput>> {
  const agent = input.agents[name];
  if (!agent) return failed(unknownAgent(name, Object.keys(input.agents), []).message);
  if (input.depth + 1 > DEEPEST) return failed(tooDeep(DEEPEST).message);
  if (!io.child) throw new Error('Broken invariant: a step of kind agent has a run of its own');
  io.signal.throwIfAborted();
  const end = await ports.subRun({
    run: io.child,
    step: io.step,
    signal: io.signal,
    input: {
      ...input,
      program: { kind: 'agent', agent },
      task,
      from,
      root: input.root ?? ports.run,
      depth: input.depth + 1,
    },
  });
  const { rollUp, base, tree } = end;
  const files = { ...(base === undefined ? {} : { base }), ...(tree === undefined ? {} : { tree }) };
  const cause: unknown = io.signal.aborted ? io.signal.reason : undefined;
  if (cause instanceof RunStopped) throw cause;
  // It ran into its limit: what it did so far is kept, and whoever asked for it is told.
  const calledOff = isStrataError(cause) ? cause.message : undefined;
  const outcome = calledOff === undefined ? end.outcome : 'failed';
  const output = { outcome, answer: calledOff ?? end.answer, ...files } as PartOutput;
  return { output, isError: outcome !== 'succeeded', rollUp };
}

function failed(answer: string): StepResult<PartOutput> {
  return { output: { outcome: 'failed', answer }, isError: true };
}

type MergeOutput = Json & {
  readonly tree: string;
  readonly paths: readonly string[];
  readonly conflicts: readonly { readonly path: string; readonly reason: string }[];
};

export interface WorkChange {
  /** Who made it. */
  readonly name: string;
  /** The files as they were when it began, and as it left them. */
  readonly base: string | undefined;
  readonly tree: string | undefined;
  readonly folder: boolean;
}

/** Brings into the files of `work` what was changed in others that began with the same ones. A step, unless nothing was. */
export async function mergeWork(
  ports: RunPorts,
  steps: Steps,
  work: Work,
  { name, base, tree, folder }: WorkChange,
): Promise<Pick<AgentResult, 'paths' | 'conflicts'>> {
  if (base === undefined || tree === undefined || base === tree) return { paths: [], conflicts: [] };
  const ours = work.tree;
  const { output } = await steps.run<MergeOutput>(
    {
      kind: 'merge',
      name,
      effect: folder ? 'contained' : 'read',
      input: { base, ours, theirs: tree },
      limits: stepLimits('merge'),
    },
    async (io) => {
      const merged = await ports.files.merge({ base, ours, theirs: tree }, io.signal);
      for (const { path, reason } of merged.conflicts) io.note('warning', `${path}: ${reason}`);
      if (folder && merged.tree !== ours) await ports.files.restore(merged.tree, io.signal);
      const change: FileChange = { before: ours, after: merged.tree, paths: merged.paths };
      return {
        output: { tree: merged.tree, paths: merged.paths, conflicts: merged.conflicts } as MergeOutput,
        ...(merged.conflicts.length > 0 ? { isError: true } : {}),
        ...(merged.tree === ours ? {} : { files: change }),
      };
    },
  );
  work.tree = output.tree;
  for (const path of output.paths) work.changed.add(path);
  if (folder) ports.onTree(output.tree);
  return output;
}
