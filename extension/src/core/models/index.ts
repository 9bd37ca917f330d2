export { limitsOf, type TaskType } from './catalogue.ts';
export { kindOf, retryAfterMs, type ServerFailure } from './classify.ts';
export type { ConfiguredDeployment, RouteConfig } from './configured-deployment.ts';
export { billOf, estimateUsage, type Price, type PriceQuestion, type Prices } from './cost.ts';
export {
  actionFor,
  badAddress,
  badResponse,
  brokenStream,
  cancelled,
  stalled,
  unsupportedProvider,
  withheld,
} from './errors.ts';
export { backoff, decide, type Decision, type Failure } from './failure-table.ts';
export {
  boundKeyName,
  createEnvironmentKeys,
  DEFAULT_ORIGINS,
  environmentKeyName,
  keyOf,
  originOf,
  type Environment,
  type Keys,
} from './keys.ts';
export { isModelError, ModelError, type ModelErrorKind } from './model-error.ts';
export type {
  ChatCall,
  ChatReply,
  ChatRequest,
  Deployment,
  Models,
  Provider,
  RouteCall,
  RoutedReply,
  StopReason,
  ResponseSchema,
  TokenPrice,
} from './provider.ts';
export {
  resolveRoutes,
  type Ollama,
  type OllamaModel,
  type ProbeOllama,
  type ResolvedRoutes,
  type RouteOrigin,
  type RouteSources,
} from './resolve-routes.ts';
export { readRouteConfig } from './route-config.ts';
export { createRouter, type RouterOptions, type Routes } from './router.ts';
export { scrubKey } from './scrub.ts';
export { readToolCalls, type RawToolCall } from './tool-calls.ts';
