// `npm start`: from a fresh clone to one whole agent run in the terminal, and then its trace in VS Code.
// Node 20 without any package is enough to start it. Arguments: [--no-editor] [--task "…" --workspace DIR [--agent NAME]]
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './setup/build.mjs';
import { ensureEngine } from './setup/engine-for-user.mjs';
import { continueUnderProjectNode } from './setup/node.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { complain, openLog, phase } from './setup/phase.mjs';
import { SetupError, userFolder } from './setup/project.mjs';

/** The command line's exit code after Ctrl-C. */
const STOPPED = 130;

const SAMPLE = {
  coder: 'A test of the discounts fails. Find the mistake, fix it, and show that the tests pass.',
  explorer: 'How is the tax of an invoice rounded, and where is that decided?',
};

let log = openLog('start');
try {
  const options = readArguments();
  await ensurePackages(log);
  await continueUnderProjectNode();
  await phase('build', () => build(log));
  const engine = await ensureEngine(log);
  const agent = options.agent ?? (engine ? 'coder' : 'explorer');
  const first = await import('./setup/first-run.mjs');
  const workspace = options.workspace ?? first.createSampleWorkspace();
  // From here on others say what went wrong, and not into this log.
  log = undefined;
  const { code, run } = await first.runAgent(
    agent,
    options.task ?? SAMPLE[agent] ?? SAMPLE.explorer,
    workspace,
  );
  // Who stopped the run wants what comes after it no more.
  const goOn = run !== undefined && code !== STOPPED;
  if (goOn) await first.showTrace(run, workspace);
  if (goOn && options.editor) {
    await first.openEditor(run, workspace, { trusted: options.workspace === undefined });
  }
  process.exitCode = code;
} catch (error) {
  complain(error, log);
  process.exitCode = 1;
}

function readArguments() {
  const { values } = parseArgs({
    options: {
      'no-editor': { type: 'boolean', default: false },
      task: { type: 'string' },
      workspace: { type: 'string' },
      agent: { type: 'string' },
    },
  });
  const { task, agent } = values;
  const workspace = values.workspace === undefined ? undefined : resolve(userFolder(), values.workspace);
  if ((task === undefined) !== (workspace === undefined)) {
    throw new SetupError(
      '--task and --workspace go together.',
      'For example: npm start -- --task "Explain the build" --workspace .',
    );
  }
  if (workspace !== undefined && !(existsSync(workspace) && statSync(workspace).isDirectory())) {
    throw new SetupError(
      `${workspace} is no folder.`,
      'Give the folder that the agent should work on after --workspace.',
    );
  }
  return { editor: !values['no-editor'], task, workspace, agent };
}
