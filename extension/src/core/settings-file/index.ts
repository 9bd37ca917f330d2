export { withValueAt } from './edit.ts';
export { readJsonc, type JsoncText } from './jsonc-text.ts';
export { parseSettings, type SettingsMistake } from './parse.ts';
