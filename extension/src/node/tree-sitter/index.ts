export { openCutter, type Cutter } from './cutter.ts';
