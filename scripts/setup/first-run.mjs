// The part of `npm start` after the set-up. It runs under the project's Node, since it reads TypeScript.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { strataHome } from '../../extension/src/node/home.ts';
import { phase } from './phase.mjs';
import { root } from './project.mjs';

const cli = join(root, 'dist', 'cli.cjs');

/** Puts the sample back as it was shipped: the run should find the mistake again. */
export function createSampleWorkspace() {
  const folder = join(strataHome(), 'sample-workspace');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(join(root, 'examples', 'sample-workspace'), folder, { recursive: true });
  return folder;
}

/** Runs the agent with its live display, and returns the exit code and the run's id, if it came to a run. */
export async function runAgent(agent, task, workspace) {
  console.log(`\n$ npm run -s strata -- run ${agent} "${task}" --workspace ${workspace}\n`);
  const folder = mkdtempSync(join(tmpdir(), 'strata-start-'));
  const idFile = join(folder, 'run');
  try {
    const env = { STRATA_COMMAND: 'npm run -s strata --', ...process.env, STRATA_RUN_ID_FILE: idFile };
    const code = await runCli(['run', agent, task, '--workspace', workspace], env);
    const run = existsSync(idFile) ? readFileSync(idFile, 'utf8').trim() : '';
    return { code, run: run === '' ? undefined : run };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function showTrace(run, workspace) {
  console.log(`\n$ npm run -s strata -- show ${run} --workspace ${workspace}\n`);
  await runCli(['show', run, '--workspace', workspace], process.env);
}

/**
 * Opens the workspace in a desktop VS Code, or else serves VS Code to a browser until Ctrl-C, the run's trace in view.
 * Only the sample is `trusted`: a folder of the user's opens restricted until they say otherwise.
 */
export async function openEditor(run, workspace, { trusted }) {
  const editor = await import('../editor/index.ts');
  console.log('');
  // The extension takes a request that is recent, so it is left when the editor is about to start.
  const request = () => editor.leaveOpenRequest(strataHome(), { folder: workspace, run });
  if (editor.findDesktop() !== undefined) {
    await request();
    if (await editor.openDesktop({ folder: workspace }))
      return console.log('  VS Code               opened, with the trace of the run');
  }
  await phase('VS Code', async (say) => {
    const { version } = await editor.ensureEditor({ onProgress: say });
    return `${version}, for the browser`;
  });
  let vsix;
  await phase('extension', async () => {
    vsix = await editor.packageForThisMachine();
    return 'packed';
  });
  await request();
  await editor.serveForUser({ folder: workspace, vsix, trusted });
}

function runCli(args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', cli, ...args], {
      stdio: 'inherit',
      env,
    });
    // The terminal sends Ctrl-C to both; this process stays until the run has been recorded as stopped.
    const onInterrupt = () => {};
    const onTerminate = () => child.kill('SIGTERM');
    process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate);
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate);
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}
