export { memoryServer } from './memory-server.ts';
export { decideApproval } from './policy.ts';
export type { Approval, ApprovalRule, ApprovalRules, ArgumentRule, Decision, ToolPolicy } from './policy.ts';
export { DEFAULT_CATALOGUE_TOKENS, toolTokens } from './disclosure.ts';
export { createSamplingDesk, type SamplingDesk } from './sampling-desk.ts';
export { createTools, type RegistryOptions } from './registry.ts';
export { readToolPolicy } from './tool-policy.ts';
export { DEFAULT_SANDBOX } from './sandbox-defaults.ts';
export { definitionJson } from './server-definition.ts';
export type {
  NewServer,
  Sandbox,
  ServerDefinition,
  ServerOrigin,
  ServerSource,
} from './server-definition.ts';
export { serverStateJson } from './tool-host.ts';
export type {
  Elicitation,
  ElicitationAnswer,
  HeldTool,
  ServerState,
  ServerStatus,
  SetUpOptions,
  SetUpRequest,
  SignInStore,
  ToolHost,
  ToolSurroundings,
} from './tool-host.ts';
export type {
  CallContext,
  QuestionDesk,
  ServerQuestion,
  Tool,
  ToolAnnotations,
  ToolCall,
  ToolResult,
  Tools,
  ToolServer,
} from './tool.ts';
export type { Sample, SamplingAnswer, SamplingMessage, SamplingRequest } from './sampling.ts';
