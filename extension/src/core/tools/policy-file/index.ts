export { parseToolPolicy } from './parse.ts';
