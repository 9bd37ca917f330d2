import { ProgramRunner } from '../../run.ts';
import type { ServerProgram } from '../../serve.ts';
import { openRepository } from './repository.ts';
import { toolsFor } from './tools/index.ts';

export const program: ServerProgram = {
  name: 'git',
  open: (root) => {
    const runner = new ProgramRunner();
    return { tools: toolsFor(openRepository(root(), runner)), onEnd: () => runner.killAll() };
  },
};
