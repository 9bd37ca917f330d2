import { agentRun } from './agent-run.ts';
import type { RunInput } from './run-input.ts';
import type { RunPorts } from './run-ports.ts';
import { workflowRun } from './workflow/workflow-run.ts';

/**
 * The program of a run. It is a function of its input and of the answers to its steps, and of nothing else: that is what
 * lets it be resumed and replayed. Returns the answer.
 */
export function runProgram(ports: RunPorts, input: RunInput): Promise<string> {
  const { program } = input;
  return program.kind === 'agent'
    ? agentRun(ports, input, program.agent)
    : workflowRun(ports, input, program.workflow);
}
