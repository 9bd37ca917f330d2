export { withServerSetting, withServerSettings } from './edit.ts';
export { parseToolPolicy, readToolsFile, type ToolsFile } from './parse.ts';
