import type { ServerProgram } from '../../serve.ts';
import { toolsFor } from './tools/index.ts';

export const program: ServerProgram = {
  name: 'files',
  open: (root) => ({ tools: toolsFor(root(), { readOnly: process.argv.includes('--read-only') }) }),
};
