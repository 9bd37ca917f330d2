/**
 * The names of OpenTelemetry's GenAI semantic conventions that Strata writes, all of them still in development
 * (github.com/open-telemetry/semantic-conventions-genai), so they stand here and nowhere else.
 */
export const genAi = {
  operation: 'gen_ai.operation.name',
  provider: 'gen_ai.provider.name',
  agentName: 'gen_ai.agent.name',
  conversationId: 'gen_ai.conversation.id',
  requestModel: 'gen_ai.request.model',
  responseModel: 'gen_ai.response.model',
  timeToFirstChunk: 'gen_ai.response.time_to_first_chunk',
  inputTokens: 'gen_ai.usage.input_tokens',
  outputTokens: 'gen_ai.usage.output_tokens',
  cacheReadTokens: 'gen_ai.usage.cache_read.input_tokens',
  cacheWriteTokens: 'gen_ai.usage.cache_write.input_tokens',
  reasoningTokens: 'gen_ai.usage.reasoning.output_tokens',
  /** What `cacheWriteTokens` was called before. */
  cacheCreationTokens: 'gen_ai.usage.cache_creation.input_tokens',
  /** No standard name for dollars exists; back ends read this one. */
  cost: 'gen_ai.usage.cost',
  toolName: 'gen_ai.tool.name',
  toolArguments: 'gen_ai.tool.call.arguments',
  toolResult: 'gen_ai.tool.call.result',
  toolDefinitions: 'gen_ai.tool.definitions',
  systemInstructions: 'gen_ai.system_instructions',
  inputMessages: 'gen_ai.input.messages',
  outputMessages: 'gen_ai.output.messages',
} as const;

export const operation = {
  invokeAgent: 'invoke_agent',
  chat: 'chat',
  executeTool: 'execute_tool',
  searchMemory: 'search_memory',
  upsertMemory: 'upsert_memory',
} as const;

export const general = {
  errorType: 'error.type',
  serviceName: 'service.name',
  serviceVersion: 'service.version',
  exceptionType: 'exception.type',
  exceptionMessage: 'exception.message',
  imageId: 'container.image.id',
  serverAddress: 'server.address',
  serverPort: 'server.port',
  user: 'user.id',
} as const;

/** What no convention has a name for. */
export const strata = {
  run: 'strata.run.id',
  runStatus: 'strata.run.status',
  isolation: 'strata.run.isolation',
  route: 'strata.route',
  step: 'strata.step.id',
  stepKind: 'strata.step.kind',
  stepName: 'strata.step.name',
  stepStatus: 'strata.step.status',
  effect: 'strata.step.effect',
  attempt: 'strata.step.attempt',
  inputHash: 'strata.step.input_hash',
  costKind: 'strata.cost.kind',
  filesChanged: 'strata.files.changed',
  noteLevel: 'strata.note.level',
  noteText: 'strata.note.text',
  task: 'strata.task',
  answer: 'strata.answer',
  verdict: 'strata.verdict',
  correction: 'strata.correction',
  folder: 'strata.folder',
  toolServer: 'strata.tool.server',
  toolCached: 'strata.tool.cached',
  toolWaited: 'strata.tool.waited_ms',
  toolConnections: 'strata.tool.connections',
  toolRefused: 'strata.tool.connections_refused',
  toolSampled: 'strata.tool.sampled',
  allowed: 'strata.connection.allowed',
  sentBytes: 'strata.connection.sent_bytes',
  receivedBytes: 'strata.connection.received_bytes',
  contentMissing: 'strata.content.missing',
  /** Of a span that stands for a part of a longer one: `2/3`. */
  part: 'strata.part',
} as const;

/** Attributes that say what a run is about, and may be long. */
export const CONTENT_NAMES: ReadonlySet<string> = new Set([
  ...[genAi.systemInstructions, genAi.inputMessages, genAi.outputMessages, genAi.toolDefinitions],
  ...[genAi.toolArguments, genAi.toolResult],
  ...[strata.task, strata.answer, strata.folder],
]);

/** https://langfuse.com/integrations/native/opentelemetry */
export const langfuse = {
  session: 'langfuse.session.id',
  user: 'langfuse.user.id',
  traceName: 'langfuse.trace.name',
  traceInput: 'langfuse.trace.input',
  traceOutput: 'langfuse.trace.output',
  type: 'langfuse.observation.type',
  cost: 'langfuse.observation.cost_details',
} as const;

/** https://docs.langchain.com/langsmith/trace-with-opentelemetry */
export const langsmith = {
  kind: 'langsmith.span.kind',
  session: 'langsmith.trace.session_id',
  traceName: 'langsmith.trace.name',
  metadata: 'langsmith.metadata.',
  input: 'gen_ai.prompt',
  output: 'gen_ai.completion',
} as const;

/** The error type of a call that went well and whose tool answered with an error. */
export const TOOL_ERROR = 'tool_error';
