export { withMcpServer } from './edit.ts';
export { readMcpJson, type McpFile } from './parse.ts';
