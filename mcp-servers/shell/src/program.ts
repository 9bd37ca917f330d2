import { ProgramRunner } from '../../run.ts';
import type { ServerProgram } from '../../serve.ts';
import { runTool } from './run-tool.ts';

export const program: ServerProgram = {
  name: 'shell',
  open: (root) => {
    const runner = new ProgramRunner();
    return { tools: [runTool(root(), runner)], onEnd: () => runner.killAll() };
  },
};
