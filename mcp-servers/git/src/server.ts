import { ProgramRunner } from '../../run.ts';
import { serveTools, workspaceRoot } from '../../serve.ts';
import { openRepository } from './repository.ts';
import { toolsFor } from './tools/index.ts';

const runner = new ProgramRunner();
serveTools({
  name: 'git',
  tools: toolsFor(openRepository(workspaceRoot(), runner)),
  onEnd: () => runner.killAll(),
});
