import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const sshd = '/usr/sbin/sshd';

/** Why no ssh server can be had here; undefined when one can. */
export function noSshServer(): string | undefined {
  if (!existsSync(sshd)) return 'needs sshd (Debian: openssh-server)';
  return existsSync('/usr/bin/ssh') ? undefined : 'needs ssh (Debian: openssh-client)';
}

export interface SshServer {
  /** Of an engine there, by the path of its socket. */
  address(socketPath: string): string;
  /** Puts another `ssh` first on this process's PATH, which reads this configuration instead of the user's. */
  use(configuration: 'good' | 'unknown-host' | 'wrong-key'): void;
  remove(): Promise<void>;
}

/** An ssh server of this user on a free port of 127.0.0.1, with keys of its own. */
export async function startSshServer(): Promise<SshServer> {
  const folder = mkdtempSync(join(tmpdir(), 'strata-sshd-'));
  chmodSync(folder, 0o755);
  const key = (name: string) => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
    return readFileSync(join(folder, `${name}.pub`), 'utf8');
  };
  const hostKey = key('host');
  writeFileSync(join(folder, 'authorized'), key('user'));
  key('stranger');
  const port = await freePort();
  writeFileSync(join(folder, 'known'), `[127.0.0.1]:${port} ${hostKey}`);
  writeFileSync(join(folder, 'none'), '');
  const settings = {
    ListenAddress: `127.0.0.1:${port}`,
    HostKey: join(folder, 'host'),
    AuthorizedKeysFile: join(folder, 'authorized'),
    PidFile: 'none',
    StrictModes: 'no',
    PermitRootLogin: 'yes',
    PasswordAuthentication: 'no',
    KbdInteractiveAuthentication: 'no',
    UsePAM: 'no',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}`);
  writeFileSync(join(folder, 'sshd_config'), `${lines.join('\n')}\n`);
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const server = spawn(sshd, ['-D', '-e', '-f', join(folder, 'sshd_config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  for (let tries = 0; !(await answers(port)); tries += 1) {
    if (server.exitCode !== null || tries > 200) throw new Error(`sshd does not start: ${said}`);
    await delay(50);
  }
  const path = process.env['PATH'] ?? '';
  return {
    address: (socketPath) => `ssh://${userInfo().username}@127.0.0.1:${port}${socketPath}`,
    use: (configuration) => {
      const config = join(folder, `${configuration}.config`);
      writeFileSync(
        config,
        [
          `IdentityFile ${join(folder, configuration === 'wrong-key' ? 'stranger' : 'user')}`,
          'IdentitiesOnly yes',
          `UserKnownHostsFile ${join(folder, configuration === 'unknown-host' ? 'none' : 'known')}`,
          'GlobalKnownHostsFile /dev/null',
        ].join('\n'),
      );
      mkdirSync(join(folder, 'bin'), { recursive: true });
      writeFileSync(join(folder, 'bin/ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F '${config}' "$@"\n`, {
        mode: 0o755,
      });
      process.env['PATH'] = `${join(folder, 'bin')}${delimiter}${path}`;
    },
    remove: async () => {
      process.env['PATH'] = path;
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
