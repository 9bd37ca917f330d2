export { parseSettings, type SettingsMistake } from './parse.ts';
