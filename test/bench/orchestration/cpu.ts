import { atLeast, atMost, inform, median, type Row } from '../support/row.ts';
import type { BenchServer } from './model-server.ts';
import { measure, type WorkerName, type Workers } from './workers.ts';

const STEPS = 200;

/** In the order in which they run within a round, so that what slows the machine down slows neighbours down. */
const CONTENDERS = {
  bare: 'contenders/bare',
  strata: 'contenders/strata',
  'bare-whole': 'contenders/bare-whole',
  ai: 'contenders/ai',
  langgraph: 'contenders/langgraph',
  'langgraph-sqlite': 'contenders/langgraph-sqlite',
  'create-agent-sqlite': 'contenders/create-agent',
  agents: 'contenders/openai-agents',
} as const satisfies Record<string, WorkerName>;
type Name = keyof typeof CONTENDERS;

/** CPU per step, one model call and one trivial tool call; ratios are taken within a round, and their median is the row. */
export async function cpuRows(
  workers: Workers,
  server: BenchServer,
  rounds: number,
  progress: (text: string) => void,
): Promise<readonly Row[]> {
  const measured = new Map<Name, number[]>();
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, worker] of Object.entries(CONTENDERS) as [Name, WorkerName][]) {
      const { cpuMs } = await measure(workers, server, worker, { steps: STEPS });
      measured.set(name, [...(measured.get(name) ?? []), cpuMs / STEPS]);
      progress(`round ${round + 1}: ${name} ${(cpuMs / STEPS).toFixed(2)} ms of CPU a step`);
    }
  }
  const of = (name: Name): readonly number[] => measured.get(name) ?? [];
  const ratio = (over: Name, under: Name): number =>
    median(of(over).map((value, round) => value / (of(under)[round] ?? Number.NaN)));
  const at = `N = ${STEPS}`;
  return [
    atMost(`CPU per step, Strata over the bare loop, ${at}`, '×', 1.3, ratio('strata', 'bare')),
    atMost(
      `Strata, which streams, over the bare loop that does not`,
      '×',
      1.3,
      ratio('strata', 'bare-whole'),
    ),
    atMost(`Strata over ai, nothing kept`, '×', 1, ratio('strata', 'ai')),
    atMost(`Strata over LangGraph.js, nothing kept`, '×', 1, ratio('strata', 'langgraph')),
    atMost(`Strata over @openai/agents, nothing kept`, '×', 1, ratio('strata', 'agents')),
    atLeast(
      `LangGraph.js agent (langchain createAgent) with SqliteSaver over Strata, ${at}`,
      '×',
      7,
      ratio('create-agent-sqlite', 'strata'),
    ),
    atLeast(
      `LangGraph.js StateGraph with SqliteSaver over Strata, ${at}`,
      '×',
      7,
      ratio('langgraph-sqlite', 'strata'),
    ),
    ...(Object.keys(CONTENDERS) as Name[]).map((name) =>
      inform(`CPU per step: ${name}`, 'ms', median(of(name))),
    ),
  ];
}
