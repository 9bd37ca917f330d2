import type { Json, JsonObject } from '../../base/json.ts';
import { isStrataError } from '../../base/errors.ts';
import type { Recalled } from '../memory/episodes/episode.ts';
import { RECALL_TOKENS, withinBudget } from '../memory/episodes/within-budget.ts';
import { matchesPattern } from '../tools/name-pattern.ts';
import type { Tool } from '../tools/tool.ts';
import type { AgentDefinition } from './agent.ts';
import { RunStopped } from './errors.ts';
import type { RunPorts } from './run-ports.ts';
import type { RunInput } from './run-input.ts';
import { allSettled } from './settled.ts';
import { stepLimits } from './step-defaults.ts';
import type { StepIo, StepResult } from './steps.ts';

/** Runs, and as many notes at most. */
const MOST_RECALLED = 4;

/** What a run has done to its files so far, and what went wrong on the way. */
export interface Work {
  /** The newest tree of the run's files. */
  tree: string;
  /** Calls so far that may have changed files, also ones that no tree holds, such as ignored ones. Absent for none. */
  writes?: number;
  readonly changed: Set<string>;
  readonly failures: string[];
}

const FAILURE_CHARACTERS = 200;

/** Keeps what went wrong for the episode: who it was, and the first line of what it said. */
export function noteFailure(work: Work, who: string, said: string): void {
  work.failures.push(`${who}: ${(said.split('\n')[0] ?? '').slice(0, FAILURE_CHARACTERS)}`);
}

export interface Begun {
  readonly work: Work;
  /** Number of files in the run's copy. */
  readonly files: number;
}

/** The first steps of every run: its files, and a memory that is up to date with them. */
export async function beginWork(ports: RunPorts, input: RunInput): Promise<Begun> {
  const snapshot = takeSnapshot(ports, input.from);
  // The run above has brought the memory up to date.
  const [begun] = await allSettled(input.depth === 0 ? [snapshot, indexWorkspace(ports)] : [snapshot]);
  ports.onTree(begun.tree);
  return { work: { tree: begun.tree, changed: new Set(), failures: [] }, files: begun.files };
}

/** The first step of every run: its files. */
export async function takeSnapshot(
  { steps, files }: RunPorts,
  from: string | undefined,
): Promise<{ tree: string; files: number }> {
  const input = from === undefined ? {} : { from };
  const limits = stepLimits('snapshot');
  const { output } = await steps.run(
    { kind: 'snapshot', name: 'workspace', effect: 'read', input, limits },
    async (io) => {
      const begun = await files.begin(io.signal, from);
      for (const note of begun.notes) io.note('warning', note);
      return { output: { tree: begun.tree, files: begun.files } };
    },
  );
  return output;
}

/** Memory is a help and no condition: without it the run goes on, and the step says what is missing. */
async function indexWorkspace({ steps, memory }: RunPorts): Promise<JsonObject> {
  const limits = stepLimits('index');
  const { output } = await steps.run<JsonObject>(
    { kind: 'index', name: 'workspace', effect: 'read', input: {}, limits },
    (io) =>
      withoutMemory<JsonObject>(io, {}, async () => {
        const report = await memory.index({
          signal: io.signal,
          onProgress: ({ done, total }) => io.output(`${done} of ${total} files\n`),
        });
        return { ...report };
      }),
  );
  return output;
}

export async function recall({ steps, memory }: RunPorts, task: string): Promise<readonly Recalled[]> {
  const limits = stepLimits('recall');
  const { output } = await steps.run<Recalled[] & Json>(
    { kind: 'recall', name: 'episodes', effect: 'read', input: { task }, limits },
    (io) =>
      withoutMemory(io, [] as Recalled[] & Json, async () => {
        const found = await memory.recall(task, { limit: MOST_RECALLED, signal: io.signal });
        return withinBudget(found, RECALL_TOKENS) as Recalled[] & Json;
      }),
  );
  return output;
}

export async function listTools(
  { steps, tools }: RunPorts,
  agent?: AgentDefinition,
): Promise<readonly Tool[]> {
  const limits = stepLimits('catalogue');
  const { output } = await steps.run<Tool[] & Json>(
    { kind: 'catalogue', name: 'tools', effect: 'read', input: {}, limits },
    async (io) => {
      const catalogue = await tools.catalogue(io.signal, (text) => io.output(`${text}\n`));
      for (const note of catalogue.notes) io.note('warning', note);
      const names = catalogue.tools.map(({ name }) => name);
      const unknown = agent?.tools.filter((one) => !names.some((name) => matchesPattern(one, name)));
      for (const pattern of unknown ?? [])
        io.note('warning', `No tool here is “${pattern}”, which ${agent?.name} names.`);
      return { output: [...catalogue.tools] as Tool[] & Json };
    },
  );
  return output;
}

/** The last step of a run that a person started: what it was about becomes an episode. */
export async function remember(
  ports: RunPorts,
  agent: string,
  task: string,
  answer: string,
  work: Work,
): Promise<void> {
  const lesson = {
    run: ports.run,
    agent,
    task,
    outcome: 'succeeded',
    answer,
    files: [...work.changed].sort(),
    failures: work.failures,
  };
  await ports.steps.run<JsonObject>(
    { kind: 'remember', name: 'episode', effect: 'read', input: lesson, limits: stepLimits('remember') },
    (io) =>
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
    const cause: unknown = io.signal.aborted ? io.signal.reason : error;
    if (cause instanceof RunStopped || !isStrataError(cause)) throw error;
    io.note('warning', `${cause.message} ${cause.action}`);
    return { output: otherwise, isError: true };
  }
}
