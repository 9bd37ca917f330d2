export {
  ACCOUNTS,
  holdsToSchema,
  limitsOf,
  needsResponses,
  thinkingOf,
  type AccountName,
  type DefaultModel,
  type ModelAccount,
  type TaskType,
} from './catalogue.ts';
export type { Bill, Budgets, BudgetScope, Estimate, Limit, Payer, Spender, Spent } from './budget.ts';
export { createBudgetDesk, limitsFor, WARN_AT, type BudgetDesk, type BudgetWarning } from './budget-desk.ts';
export { kindOf, retryAfterMs, type ServerFailure } from './classify.ts';
export type { ConfiguredDeployment, ConfiguredRoute, RouteConfig } from './configured-deployment.ts';
export { billOf, estimateUsage, usdOf, type Price, type PriceQuestion, type Prices } from './cost.ts';
export { findEditorModel, type EditorModel, type EditorModels } from './editor-models.ts';
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
export { readBudgetReason } from './budget-reason.ts';
export { createHealth, type DeploymentHealth, type Health } from './health.ts';
export {
  judge,
  NOTHING_SPENT,
  raised,
  shareOf,
  spentOf,
  type Admission,
  type Hold,
  type Ledger,
  type LimitAt,
  type NearLimit,
} from './ledger.ts';
export { mergeConfigs } from './merge-config.ts';
export type {
  BudgetState,
  DeploymentState,
  DeploymentTest,
  ModelsDesk,
  ModelsState,
  RouteState,
} from './models-desk.ts';
export {
  boundKeyName,
  createEnvironmentKeys,
  DEFAULT_ORIGINS,
  accountOf,
  environmentKeyName,
  isFromEnvironment,
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
  hasRealModel,
  resolveRoutes,
  type Ollama,
  type OllamaModel,
  type ProbeOllama,
  type ResolvedRoutes,
  type RouteOrigin,
  type RouteSources,
} from './resolve-routes.ts';
export { canBeHeldTo, inWords, withJsonText } from './response-schema.ts';
export { readRouteConfig } from './route-config.ts';
export { AUTO, findRoute, isAuto } from './find-route.ts';
export { createRouter } from './router.ts';
export type { RouterOptions } from './router-options.ts';
export { orderedRoute, type Route, type RouteDeployment, type Routes, type Strategy } from './route.ts';
export { saysOnlyChoice } from './routing-notes.ts';
export { scrubKey } from './scrub.ts';
export { readToolCalls, type RawToolCall } from './tool-calls.ts';
