import type { ServerProgram } from '../../serve.ts';
import { fetchTool } from './fetch-tool.ts';

export const program: ServerProgram = {
  name: 'web',
  open: () => ({ tools: [fetchTool(process.env)] }),
};
