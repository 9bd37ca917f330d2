import type { Limit, RouteConfig } from './core/models/index.ts';
import {
  agentsOfWorkflow,
  DEFAULT_CONTEXT_TOKENS,
  DEFAULT_LIMITS,
  mayUse,
  reachableAgents,
  unknownAgent,
} from './core/orchestration/index.ts';
import type { Program, RunInput } from './core/orchestration/index.ts';
import { BUILT_IN_TOOLS, READING_TOOLS } from './core/orchestration/agent-file/tool-names.ts';
import { DEFAULT_CATALOGUE_TOKENS, matchesPattern, readToolPolicy } from './core/tools/index.ts';
import type { GatewayClient } from './node/gateway/index.ts';
import { loadAgents } from './node/agents/load-agents.ts';
import type { LoadedAgents } from './node/agents/load-agents.ts';
import { noRouteOfItsOwn } from './folder-errors.ts';
import { readSettings } from './node/read-settings.ts';

/** What a person asks for: the name of an agent or a workflow, and what it shall do. */
export interface RunRequest {
  readonly agent: string;
  readonly task: string;
  /** A route or one model in the place of the agent's own. */
  readonly route?: string;
}

/** Everything that the run starts from. Throws when the agent, one that it may call, or a file of `.strata/` has a mistake. */
export async function readRunInput(
  folder: string,
  { agent: name, task, route }: RunRequest,
  models: RouteConfig | undefined,
): Promise<RunInput> {
  const { agents, workflows, mistakes } = await loadAgents(folder);
  const mistake = mistakes.get(name);
  if (mistake) throw mistake;
  const named = programNamed(name, agents, workflows);
  const program = named && route !== undefined ? onRoute(named, route) : named;
  if (!program) throw unknownAgent(name, [...agents.keys(), ...workflows.keys()], [...mistakes.values()]);
  const policy = await readSettings(folder, 'tools.jsonc', readToolPolicy);
  return {
    program,
    task,
    approval: policy?.approval ?? {},
    catalogueTokens: policy?.catalogue?.tokens ?? DEFAULT_CATALOGUE_TOKENS,
    agents: reachableAgents(calledBy(program), agents, mistakes),
    contextTokens: DEFAULT_CONTEXT_TOKENS,
    budget: budgetOf(program, models?.budgets.run),
    depth: 0,
  };
}

/** The agents that it calls keep theirs; a workflow has none of its own. */
function onRoute(program: Program, route: string): Program {
  if (program.kind !== 'agent') throw noRouteOfItsOwn(route);
  return { ...program, agent: { ...program.agent, route } };
}

/** An agent's own word counts more than what is said of all runs. */
function budgetOf(program: Program, ofRuns: Limit | undefined): Limit {
  const own =
    program.kind === 'agent'
      ? program.agent.budget
      : program.kind === 'workflow'
        ? program.workflow.budget
        : undefined;
  return { ...(ofRuns ?? { usd: DEFAULT_LIMITS.usd }), ...(own === undefined ? {} : { usd: own }) };
}

/** What a run starts from whose calls another program makes. */
export async function readGatewayInput(folder: string, client: GatewayClient): Promise<RunInput> {
  const policy = await readSettings(folder, 'tools.jsonc', readToolPolicy);
  return {
    program: { kind: 'gateway', client: { name: client.name, version: client.version } },
    task: `Tool calls of ${client.name} ${client.version}`,
    approval: policy?.approval ?? {},
    agents: {},
    depth: 0,
  };
}

function programNamed(
  name: string,
  agents: LoadedAgents['agents'],
  workflows: LoadedAgents['workflows'],
): Program | undefined {
  const agent = agents.get(name);
  if (agent) return { kind: 'agent', agent };
  const workflow = workflows.get(name);
  return workflow && { kind: 'workflow', workflow };
}

function calledBy(program: Program): readonly string[] {
  if (program.kind === 'gateway' || program.kind === 'chat') return [];
  if (program.kind === 'workflow') return agentsOfWorkflow(program.workflow);
  return [...program.agent.agents, ...program.agent.handOvers];
}

/** An agent that may use none of these gets the folder read-only, and no container that could run a command. */
const WRITING_TOOLS = BUILT_IN_TOOLS.filter(
  (tool) => !READING_TOOLS.some((pattern) => matchesPattern(pattern, tool)),
);

/** Whether the run's own tools may change files: those of its agent, and of agents that it may hand over to. */
export function mayWrite({ program, agents }: RunInput): boolean {
  if (program.kind === 'gateway') return true;
  if (program.kind === 'workflow' || program.kind === 'chat') return false;
  const seen = new Set<string>();
  const leads = [program.agent];
  for (let lead = leads.pop(); lead; lead = leads.pop()) {
    if (seen.has(lead.name)) continue;
    seen.add(lead.name);
    const agent = lead;
    if (WRITING_TOOLS.some((tool) => mayUse(agent, tool))) return true;
    leads.push(...agent.handOvers.flatMap((name) => agents[name] ?? []));
  }
  return false;
}
