import { agentRun } from './agent-run.ts';
import { gatewayRun } from './gateway/gateway-run.ts';
import { chatRun } from './lent-chat/chat-run.ts';
import type { RunInput } from './run-input.ts';
import type { RunPorts } from './run-ports.ts';
import { workflowRun } from './workflow/workflow-run.ts';

/**
 * The program of a run. It is a function of its input and of the answers to its steps, and of nothing else: that is what
 * lets it be resumed and replayed. Returns the answer.
 */
export function runProgram(ports: RunPorts, input: RunInput): Promise<string> {
  const { program } = input;
  switch (program.kind) {
    case 'agent':
      return agentRun(ports, input, program.agent);
    case 'workflow':
      return workflowRun(ports, input, program.workflow);
    case 'gateway':
      return gatewayRun(ports, input);
    case 'chat':
      return chatRun(ports, program.request);
  }
}
