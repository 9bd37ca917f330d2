export { memoryServer } from './memory-server.ts';
export { decideApproval, type Approval, type ApprovalRules } from './policy.ts';
export { createTools, type RegistryOptions } from './registry.ts';
export { readToolPolicy, type ToolPolicy } from './tool-policy.ts';
export type { Tool, ToolCall, ToolResult, Tools, ToolServer } from './tool.ts';
