// Runs one program as a process group of its own and ends the whole group when our standard input ends: that happens
// also when the process that started us was killed and could not clean up. Afterwards it removes the folders given.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const graceMs = 4_000;
const { command, args, remove } = JSON.parse(process.argv[2] ?? '');
const windows = process.platform === 'win32';
const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: !windows });
let ending;

function signal(name) {
  try {
    process.kill(-child.pid, name);
    return true;
  } catch (error) {
    if (error.code === 'ESRCH') return false;
    throw error;
  }
}

async function endGroup() {
  if (child.pid === undefined) return;
  if (windows) {
    const killer = spawn('taskkill', ['/pid', String(child.pid), '/T', '/F'], { stdio: 'ignore' });
    await new Promise((resolve) => killer.once('close', resolve).once('error', resolve));
    return;
  }
  signal('SIGTERM');
  for (let waited = 0; waited < graceMs && signal(0); waited += 50) await delay(50);
  signal('SIGKILL');
}

function end(code) {
  ending ??= (async () => {
    await endGroup();
    for (const folder of remove)
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    process.exit(code);
  })();
}

process.stdin.resume();
process.stdin.once('close', () => end(0));
for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(name, () => end(0));
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => end(0));
child.once('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  end(1);
});
child.once('exit', (code) => end(code ?? 1));
