export { mayUse } from './agent.ts';
export type { AgentDefinition } from './agent.ts';
export { reachableAgents } from './agent-file/reachable-agents.ts';
export { builtInAgents } from './built-in-agents.ts';
export { unknownAgent } from './errors.ts';
export { fromPayload } from './payload.ts';
export type {
  ApprovalAnswer,
  ApprovalRequest,
  Lease,
  RunFiles,
  RunLeases,
  RunLog,
  RunMemory,
} from './ports.ts';
export { episodeOfRun } from './episode-of-run.ts';
export { replayRun } from './replay.ts';
export type { Difference, ReplayReport } from './replay.ts';
export { resumeRun, startRun } from './run.ts';
export { forkRun, replayHalf, rerunRun } from './run-again.ts';
export type { ForkRequest } from './run-again.ts';
export { resultForm } from './result-form.ts';
export { startGatewayRun } from './gateway/start.ts';
export type { GatewayRun, GatewayRunOptions } from './gateway/start.ts';
export { createLentChats } from './lent-chat/lent-chats.ts';
export type { LentChats, LentReply } from './lent-chat/lent-chats.ts';
export type { LentRequest } from './lent-chat/chat-request.ts';
export { modelsAlone } from './lent-chat/models-alone.ts';
export type { RunEnd, RunEnvironment, RunHandle, RunResources } from './run-environment.ts';
export { DEFAULT_LIMITS } from './breakers.ts';
export { parseRunInput } from './run-input.ts';
export type { Program, RunInput } from './run-input.ts';
export type { UnknownDecision } from './live-steps.ts';
export { changesOf, newestTree, treesOf } from './run-changes.ts';
export type { RunChanges } from './run-changes.ts';
export { agentsOfWorkflow } from './workflow/check-workflows.ts';
export type { WorkflowDefinition } from './workflow/definition.ts';
export { DEFAULT_CONTEXT_TOKENS } from '../memory/working/index.ts';
export type { RetentionPolicy } from './retention.ts';
