export { readAgentFile, type AgentFile } from '../agent-file.ts';
export { splitFrontMatter } from '../front-matter.ts';
export { AGENT_KEYS, type KeyHelp } from './keys.ts';
export {
  definitionMistake,
  isAgentFile,
  isWorkflowFile,
  readDefinitions,
  type DefinitionFile,
  type Definitions,
  type DefinitionSource,
} from './read-definitions.ts';
export { BUILT_IN_TOOLS } from './tool-names.ts';
export { EDGE_KEYS, FORM_KEYS, NODE_KEYS, WORKFLOW_KEYS } from '../workflow/parse-keys.ts';
