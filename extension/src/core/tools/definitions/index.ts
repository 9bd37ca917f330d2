export { withMcpServer, readMcpJson, type McpFile } from '../mcp-json/index.ts';
export {
  readToolsFile,
  withServerSetting,
  withServerSettings,
  type ToolsFile,
} from '../policy-file/index.ts';
export { definitionsFrom, type Definitions, type DefinitionSources } from './definitions-from.ts';
export { entriesFor, type NewEntries } from './entries-for.ts';
export { looserThanDefault } from './looser.ts';
