import type { RunView, StepView } from '../../../extension/src/protocol/run-view.ts';
import { runStatus, stepStatus } from '../kinds.ts';
import type { Flow, FlowEdge, FlowNode } from './flow.ts';

/**
 * The agents of a run: who began, to whom it was handed over, and whom they asked as sub-agents. It grows with the run, and
 * only what is new is looked at. Undefined while one agent is alone.
 */
export function createAgentFlow(): (run: RunView) => Flow | undefined {
  let known: { readonly run: RunView; readonly team: Team } | undefined;
  return (run) => {
    if (known?.run !== run || known.team.seen > run.steps.length) known = { run, team: beginTeam(run) };
    takeIn(known.team, run.steps);
    return known.team.nodes.size > 1 ? (known.team.flow ??= flowOf(known.team)) : undefined;
  };
}

interface Team {
  seen: number;
  /** The node of the agent that leads now. */
  lead: string;
  readonly nodes: Map<string, FlowNode>;
  readonly edges: Map<string, FlowEdge>;
  readonly steps: Map<string, StepView[]>;
  /** As long as nobody has joined since. */
  flow: Flow | undefined;
}

function beginTeam({ agent }: RunView): Team {
  const lead = leadId(agent);
  const team: Team = {
    ...{ seen: 0, lead, flow: undefined },
    ...{ nodes: new Map(), edges: new Map(), steps: new Map() },
  };
  team.nodes.set(lead, { id: lead, title: agent, detail: 'began' });
  return team;
}

function takeIn(team: Team, steps: readonly StepView[]): void {
  for (; team.seen < steps.length; team.seen += 1) {
    const step = steps[team.seen];
    if (step?.kind === 'chat') did(team, team.lead, step);
    else if (step?.kind === 'agent') {
      const id = `sub ${step.name}`;
      join(team, { id, title: step.name, detail: 'sub-agent' });
      connect(team, { from: team.lead, to: id, label: '', said: 'as a sub-agent' });
      did(team, id, step);
    } else if (step?.kind === 'hand-over') {
      const id = leadId(step.name);
      join(team, { id, title: step.name, detail: 'took over' });
      connect(team, { from: team.lead, to: id, label: 'hand-over', said: 'by a hand-over' });
      team.lead = id;
    }
  }
}

function flowOf(team: Team): Flow {
  return {
    ...{ name: 'Agents', beside: 'steps' },
    nodes: [...team.nodes.values()],
    edges: [...team.edges.values()],
    steps: () => team.steps,
    wasTaken: () => true,
    look: (id, own, { run, facts }) => {
      if (id === team.lead) return runStatus(run.status, facts.live);
      const last = own.at(-1);
      return last ? stepStatus(last) : { icon: 'arrow-swap', text: 'Handed over', tone: 'quiet' };
    },
  };
}

function leadId(agent: string): string {
  return `lead ${agent}`;
}

function join(team: Team, node: FlowNode): void {
  if (team.nodes.has(node.id)) return;
  team.nodes.set(node.id, node);
  team.flow = undefined;
}

function connect(team: Team, edge: FlowEdge): void {
  const key = JSON.stringify([edge.from, edge.to]);
  if (edge.from === edge.to || team.edges.has(key)) return;
  team.edges.set(key, edge);
  team.flow = undefined;
}

function did(team: Team, id: string, step: StepView): void {
  const list = team.steps.get(id);
  if (list) list.push(step);
  else team.steps.set(id, [step]);
}
