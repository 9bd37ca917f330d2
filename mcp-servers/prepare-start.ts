import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ownFile } from './own-file.ts';
import { startScript } from './snapshot.ts';
import { tryServer } from './try-server.ts';

/** Whom the server runs as in its container. */
const user = { uid: 1000, gid: 1000 };
const limitMs = 60_000;
/** Keeps the heap of an idle server small. */
const flags = ['--max-semi-space-size=1'];

/**
 * A step of the image's build, run as root: writes `start` beside the server's file, a script for the image's shell. With it
 * the server starts from a snapshot of itself, made here by the image's own node. Where that fails it starts from its file,
 * whose compiled code is kept. Either way has answered, as the image's user, before `start` is written.
 */
export async function prepareStart(): Promise<void> {
  const server = ownFile();
  const folder = dirname(server);
  const blob = join(folder, 'server.blob');
  const script = join(folder, 'start.cjs');
  const cache = join(folder, 'cache');
  const plain = ['node', ...flags, server];
  const fromSnapshot = ['node', '--snapshot-blob', blob, ...flags, script];
  const asUser = process.getuid?.() === 0 ? user : undefined;

  writeFileSync(script, startScript(server));
  // Node may warn of what it does not trust in a snapshot, which would stand in every log.
  const failure =
    makeSnapshot(server, blob) ?? (await tryServer(fromSnapshot, { ...asUser, limitMs, silent: true }));
  if (failure === undefined) {
    writeStart(folder, [
      `${fromSnapshot.join(' ')} "$@"`,
      'code=$?',
      // How Node ends when a snapshot is none for it.
      '[ $code = 14 ] || exit $code',
      'echo "The start-up snapshot does not fit this machine; the server starts from its file." >&2',
      `${plain.join(' ')} "$@"`,
    ]);
    return;
  }
  console.log(`strata: The server starts without a snapshot: ${failure}`);
  for (const file of [blob, script]) rmSync(file, { force: true });
  mkdirSync(cache);
  if (asUser) chownSync(cache, asUser.uid, asUser.gid); // Node keeps it by version, flags and user.
  const broken = await tryServer(plain, { ...asUser, limitMs, environment: { NODE_COMPILE_CACHE: cache } });
  if (broken !== undefined) throw new Error(`The server does not start: ${broken}`);
  writeStart(folder, [`NODE_COMPILE_CACHE=${cache} ${plain.join(' ')} "$@"`]);
}

function writeStart(folder: string, lines: readonly string[]): void {
  writeFileSync(join(folder, 'start'), `${lines.join('\n')}\n`);
}

/** Returns why it failed. */
function makeSnapshot(server: string, blob: string): string | undefined {
  // Node's own code as V8 has compiled it is left out: half of the file, all of which a process keeps in memory.
  const configuration = join(dirname(blob), 'snapshot.json');
  writeFileSync(configuration, JSON.stringify({ builder: server, withoutCodeCache: true }));
  const args = [...flags, '--snapshot-blob', blob, '--build-snapshot-config', configuration];
  // The environment of the build is nothing that it could hold.
  const { error, status, signal, stderr } = spawnSync('node', args, {
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    timeout: limitMs,
  });
  rmSync(configuration);
  if (error) return error.message;
  if (status !== 0) return `node ended with ${signal ?? status}. ${stderr.trim().split('\n')[0]}`;
  chmodSync(blob, 0o644);
  return undefined;
}
