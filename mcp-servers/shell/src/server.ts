import { ProgramRunner } from '../../run.ts';
import { serveTools, workspaceRoot } from '../../serve.ts';
import { runTool } from './run-tool.ts';

const runner = new ProgramRunner();
serveTools({
  name: 'shell',
  tools: [runTool(workspaceRoot(), runner)],
  onEnd: () => runner.killAll(),
});
