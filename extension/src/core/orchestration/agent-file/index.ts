export { parseAgentFile, readAgentFile, type AgentFile } from '../agent-file.ts';
export { builtInAgents } from '../built-in-agents.ts';
export { splitFrontMatter } from '../front-matter.ts';
export { DEFINITION_FOLDERS, isAgentFile, isWorkflowFile } from './file-names.ts';
export { AGENT_KEYS, type KeyHelp } from './keys.ts';
export {
  definitionMistake,
  readDefinitions,
  type DefinitionFile,
  type Definitions,
  type DefinitionSource,
} from './read-definitions.ts';
export { reachableAgents } from './reachable-agents.ts';
export { BUILT_IN_TOOLS } from './tool-names.ts';
export { EDGE_KEYS, FORM_KEYS, NODE_KEYS, WORKFLOW_KEYS } from '../workflow/parse-keys.ts';
export { agentsOfWorkflow } from '../workflow/check-workflows.ts';
export { parseWorkflowFile } from '../workflow/parse.ts';
