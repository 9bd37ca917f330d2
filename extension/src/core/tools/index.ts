export { matchesPattern } from './name-pattern.ts';
export { memoryServer } from './memory-server.ts';
export { askForOtherWords, EXPANSION_ROUTE } from './other-words.ts';
export { decideApproval } from './policy.ts';
export type { Approval, ApprovalRule, ApprovalRules, ArgumentRule, Decision } from './policy.ts';
export { DEFAULT_CATALOGUE_TOKENS, toolTokens } from './disclosure.ts';
export { createSamplingDesk, type SamplingDesk } from './sampling-desk.ts';
export { createTools, type RegistryOptions, type ServerHealth, type ToolRegistry } from './registry.ts';
export type { ServerFacts } from './server-facts.ts';
export { looserThanDefault } from './definitions/looser.ts';
export { serverNameMistake } from './server-names.ts';
export { placeOf, type FileMistake } from './file-mistake.ts';
export { NO_SETTINGS, type ServerSettings, type ToolSettings } from './server-settings.ts';
export { effectOf } from './effect-of.ts';
export { fingerprintOf } from './fingerprint.ts';
export { heldBackText, reviewTools, type Reviewed } from './review.ts';
export { createRedaction, secretMistake, type Redaction } from './redaction.ts';
export { createResultCache } from './cache.ts';
export type { CacheStore, CachedServer, KeptResult, ResultCache } from './cache.ts';
export type { CacheRule, CacheRules } from './cache-rules.ts';
export { createRateLimits } from './rate-limits.ts';
export type { Admission, BucketStore, RateLimits, RateRule, RateRules } from './rate-limits.ts';
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
