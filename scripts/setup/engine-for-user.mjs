import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { canProvideEngine, engineAnswers, installEngine, startEngine } from './docker.mjs';
import { phase } from './phase.mjs';
import { cache } from './project.mjs';
import { run, which } from './run.mjs';

const SERVICE_LIMIT_MS = 20_000;

/**
 * Sees to a Docker engine that stays after this command has ended. Returns whether one answers, and says what is missing
 * without one.
 */
export async function ensureEngine(log) {
  if (await engineAnswers()) return true;
  if (!canProvideEngine()) {
    console.log(
      [
        '  Docker                no engine answers; the agent will only read.',
        '                        With Docker it also edits files and runs commands, in containers without a network.',
      ].join('\n'),
    );
    return false;
  }
  await phase('Docker', async () => `${await installEngine(log)}, ${await start(log)}`);
  return true;
}

/** As a service where services can be started, so that it belongs to the system; else on its own. */
async function start(log) {
  // Its installation may have started it.
  if (await engineAnswers()) return 'running';
  if (
    which('service') !== undefined &&
    (await run('service', ['docker', 'start'], { log, timeoutMs: 60_000 })).code === 0
  ) {
    for (const limit = Date.now() + SERVICE_LIMIT_MS; Date.now() < limit; await wait(200)) {
      if (await engineAnswers()) return 'started as a service';
    }
  }
  const output = join(cache, 'log', 'dockerd.log');
  writeFileSync(output, '');
  const { pid } = await startEngine(output);
  return `started; its log is ${output}; stop it with: kill ${pid}`;
}
