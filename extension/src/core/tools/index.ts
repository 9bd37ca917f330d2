export { memoryServer } from './memory-server.ts';
export { decideApproval, type Approval, type ApprovalRules, type ToolPolicy } from './policy.ts';
export { createTools, type RegistryOptions } from './registry.ts';
export { readToolPolicy } from './tool-policy.ts';
export type { Tool, ToolCall, ToolResult, Tools, ToolServer } from './tool.ts';
