import assert from 'node:assert/strict';
import {
  chownSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import type { Container } from '../../extension/src/node/docker/container.ts';
import { guardedNames } from '../../extension/src/node/docker/guarded.ts';
import {
  attackedPlace,
  imageFor,
  shellOf,
  startServer,
  type Place,
  type Shell,
} from '../support/attacked-server.ts';
import { tryAttacks } from '../support/attacks.ts';
import { tryConnections } from '../support/connection-attacks.ts';
import { engineForTests, type EngineForTests } from '../support/docker.ts';
import {
  kernelOutcomes,
  runKernelAttacks,
  setuidProgram,
  writeKernelAttacks,
} from '../support/kernel-attacks.ts';

// Every attack is made from inside of one container, started as the product starts the server `shell`, and with what an
// agent has there: commands. Each must be seen to fail, for the reason that is expected.

const files: Readonly<Record<string, string>> = {
  'src/a.txt': 'a',
  '.git/config': '[core]\n',
  '.git/hooks/pre-commit': '#!/bin/sh\n',
  '.vscode/tasks.json': '{}',
  '.strata/tools.jsonc': '{}',
  '.github/workflows/ci.yml': 'on: push',
  '.mcp.json': '{}',
};
const secret = 'the host’s secret';

let found: EngineForTests;
let place: Place;
let container: Container | undefined;
let shell: Shell;
let listening: readonly Server[] = [];
const soon = () => AbortSignal.timeout(180_000);

before(async () => {
  found = await engineForTests();
  place = await attackedPlace();
  if (found.kind === 'missing') return;
  for (const [name, content] of Object.entries(files)) write(name, content);
  writeFileSync(join(place.above, 'secret.txt'), secret);
  mkdirSync(join(place.above, 'copies/other-run'), { recursive: true });
  writeFileSync(join(place.above, 'copies/other-run/secret.txt'), secret);
  symlinkSync('../secret.txt', join(place.folder, 'link'));
  symlinkSync(join(place.above, 'secret.txt'), join(place.folder, 'whole-link'));
  symlinkSync(place.above, join(place.folder, 'folder-link'));
  writeKernelAttacks(join(place.folder, 'attack'));
  listening = [
    await listen({ port: 0, host: '0.0.0.0' }),
    await listen({ path: join(place.folder, 'host.sock') }),
  ];
  chmodSync(join(place.folder, 'host.sock'), 0o777);
  const { engine } = found;
  const image = await imageFor(engine, 'shell', soon());
  container = await startServer(
    engine,
    image,
    {
      folder: place.folder,
      guarded: await guardedNames(place.folder),
      sandbox: { memoryBytes: 256 * 1024 * 1024, processes: 100 },
    },
    soon(),
  );
  // Ownership was settled when the folder was shared; a program for the setuid bit has to belong to root.
  writeFileSync(join(place.folder, 'attack/setuid'), setuidProgram());
  if (process.getuid?.() === 0) chownSync(join(place.folder, 'attack/setuid'), 0, 0);
  chmodSync(join(place.folder, 'attack/setuid'), 0o4755);
  shell = await shellOf(container, soon());
});

after(async () => {
  await container?.stop();
  for (const server of listening) server.close();
  place.remove();
  if (found.kind === 'ready') await found.stop();
});

function write(name: string, content: string): void {
  mkdirSync(dirname(join(place.folder, name)), { recursive: true });
  writeFileSync(join(place.folder, name), content);
}

function listen(where: { port: number; host: string } | { path: string }): Promise<Server> {
  const server = createServer((socket) => socket.end('the host answers'));
  return new Promise((resolve, reject) => server.once('error', reject).listen(where, () => resolve(server)));
}

function skipped(t: TestContext): boolean {
  if (found.kind === 'missing') t.skip(found.reason);
  return found.kind === 'missing';
}

const denied = /Read-only file system|Permission denied/;

test('the network', async (t) => {
  if (skipped(t)) return;
  const address = listening[0]?.address() as AddressInfo;
  const own = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4');
  const none = /ENETUNREACH/;
  await tryConnections(t, shell.run, [
    ['an address of the internet', { host: '192.0.2.1', port: 443 }, none],
    ['the metadata of a cloud', { host: '169.254.169.254', port: 80 }, none],
    ['the same over IPv6', { host: 'fd00:ec2::254', port: 80 }, /ENETUNREACH|EADDRNOTAVAIL|EAFNOSUPPORT/],
    ['a port of the host, on the engine’s bridge', { host: '172.17.0.1', port: address.port }, none],
    [
      'a port of the host, on its own address',
      { host: own?.address ?? '192.0.2.2', port: address.port },
      none,
    ],
    ['a port of the host, on the loopback', { host: '127.0.0.1', port: address.port }, /ECONNREFUSED/],
    ['a name', { name: 'example.com' }, /EAI_AGAIN|ENOTFOUND/],
    ['the engine’s name for the host', { name: 'host.docker.internal' }, /EAI_AGAIN|ENOTFOUND/],
    ['a Unix socket that lies in the workspace', { socket: '/workspace/host.sock' }, /EPERM/],
  ]);
  await tryAttacks(t, shell.run, [
    ['who resolves names for the host', 'cat /etc/resolv.conf', /^nameserver 127\.0\.0\.1$/],
    ['the engine’s socket', 'ls /var/run/docker.sock /run/docker.sock /run/podman', /(No such file[^]*){3}/],
    ['network devices', 'ls /sys/class/net', /^lo$/],
  ]);
});

test('files of the host', async (t) => {
  if (skipped(t)) return;
  await tryAttacks(t, shell.run, [
    ['a link out of the workspace', 'cat link', /No such file/],
    ['a link with a whole path', 'cat whole-link', /No such file/],
    ['a linked folder', 'ls folder-link/copies', /No such file/],
    ['the folder above', 'cat /workspace/../secret.txt', /No such file/],
    ['the copy of another run', `ls '${join(place.above, 'copies')}'`, /No such file/],
    ['the first process’ root', 'cat /proc/1/root/etc/passwd', /Permission denied/],
    ['the first process’ folder', 'ls /proc/1/cwd/', /Permission denied/],
    ['the root', 'echo x > /x; echo x > /etc/passwd', /(Read-only file system|Permission denied)[^]*\1/],
    ['the server’s program', 'echo x > /opt/strata/server.mjs', denied],
    ['the server’s snapshot', 'echo x > /opt/strata/server.blob', denied],
    ['how the server starts', 'echo x > /opt/strata/start; echo x > /opt/strata/start.cjs', denied],
    ['a program in /tmp', 'cp /bin/ls /tmp/ls; /tmp/ls', /Permission denied/],
    ['the setuid bit', 'attack/setuid; echo $?', /^1$/m],
    ['a device', 'cat /dev/mem /dev/kmem /dev/sda /dev/vda /dev/kmsg', /(No such file[^]*){5}/],
    ['/dev/shm', 'echo x > /dev/shm/x', /Permission denied|No such file|nonexistent/],
  ]);
  assert.equal(readFileSync(join(place.above, 'secret.txt'), 'utf8'), secret);
});

test('what the host acts on by itself, where the tools work in the user’s own folder', async (t) => {
  if (skipped(t)) return;
  await tryAttacks(t, shell.run, [
    ['a hook of git', 'echo "touch /pwned" > .git/hooks/post-checkout', /Read-only file system/],
    ['an existing hook', 'echo x >> .git/hooks/pre-commit', /Read-only file system/],
    [
      'the configuration of git',
      'git config -f .git/config core.fsmonitor ./x',
      /Read-only file system|could not lock/,
    ],
    ['another folder in the place of .git', 'mv .git git', /Device or resource busy|cannot move/],
    ['taking .git away', 'rm -rf .git', /Read-only file system|Device or resource busy/],
    ['a second name for its file', 'ln .git/config config && echo x >> config', /cross-device|Read-only/],
    ['a task of the editor', 'echo x > .vscode/tasks.json', /Read-only file system/],
    ['what servers may do', 'echo x > .strata/tools.jsonc', /Read-only file system/],
    ['another server', 'echo x > .mcp.json; rm -f .mcp.json', /Read-only file system[^]*busy/],
    ['a workflow', 'echo x > .github/workflows/evil.yml', /Read-only file system/],
  ]);
  for (const [name, content] of Object.entries(files)) {
    if (name.startsWith('.')) assert.equal(readFileSync(join(place.folder, name), 'utf8'), content, name);
  }
  assert.deepEqual(readdirSync(join(place.folder, '.git/hooks')), ['pre-commit']);
});

test('/proc, /sys, and the server itself', async (t) => {
  if (skipped(t)) return;
  await tryAttacks(t, shell.run, [
    ['settings of the kernel', 'echo x > /proc/sys/kernel/core_pattern', denied],
    ['the magic key', 'echo h > /proc/sysrq-trigger', /Read-only|Permission denied|nonexistent/],
    ['the kernel’s memory', 'cat /proc/kcore 2>/dev/null | head -c 8 | wc -c', /^0$/],
    ['keys of the host', 'cat /proc/keys 2>/dev/null | wc -c', /^0$/],
    [
      '/sys',
      'echo 1 > /sys/kernel/mm/ksm/run; echo x > /sys/power/state',
      /(Read-only|Permission|No such|nonexistent)[^]*(Read-only|Permission|No such|nonexistent)/,
    ],
    [
      'a control group of its own',
      'mkdir /sys/fs/cgroup/x /sys/fs/cgroup/memory/x',
      /Read-only file system|Permission denied/,
    ],
    [
      'its own memory limit',
      'for f in /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes; do echo -1 > $f; done',
      denied,
    ],
    ['the server’s environment', 'cat /proc/$PPID/environ', /Permission denied/],
    ['the first process’ environment', 'cat /proc/1/environ', /Permission denied/],
    ['the server’s answers', 'echo "{}" > /proc/$PPID/fd/1', /Permission denied/],
    ['the first process’ output', 'echo "{}" > /proc/1/fd/1', /Permission denied/],
    ['the server’s questions', 'head -c 1 /proc/$PPID/fd/0', /Permission denied/],
    [
      'the pipes of both',
      'ls -A /run/strata; echo "{}" > /run/strata/out; head -c 1 /run/strata/in',
      /^exit code 1\n[^\n]*nonexistent\n[^\n]*No such file/,
    ],
    [
      'the server’s memory',
      'head -c 1 /proc/$PPID/mem; head -c 1 /proc/1/mem',
      /Permission denied[^]*Permission denied/,
    ],
    ['where things lie in it', 'cat /proc/$PPID/maps', /Permission denied/],
    [
      'how easily the server is killed for want of memory',
      'echo 1000 > /proc/$PPID/oom_score_adj',
      /Permission denied/,
    ],
    ['capabilities', 'grep -E "Cap(Eff|Prm|Bnd|Amb)" /proc/self/status', /^(Cap\w+:\s0{16}\s*){4}$/],
    ['new privileges', 'grep NoNewPrivs /proc/self/status', /NoNewPrivs:\s1/],
    ['a filter of system calls', 'grep Seccomp: /proc/self/status', /Seccomp:\s2/],
    ['the first process', 'kill -9 1; kill -TERM 1; kill -SEGV 1; sleep 0.1; echo alive', /alive/],
    ['processes of others', 'ls -d /proc/[0-9]* | wc -l', /^[1-9]$/],
  ]);
});

test('bombs', async (t) => {
  if (skipped(t)) return;
  await tryAttacks(t, shell.run, [
    ['processes without end', 'i=0; while [ $i -lt 300 ]; do sleep 9 & i=$((i+1)); done', /Cannot fork/],
    [
      'memory without end',
      'node -e "const all = []; for (;;) all.push(Buffer.alloc(3e7, 1))"',
      /killed by SIGKILL|exit code 137/,
    ],
    ['/tmp', 'head -c 200000000 /dev/zero > /tmp/x; rm /tmp/x', /No space left on device/],
    [
      'one file without end',
      "node -e \"fs.ftruncateSync(fs.openSync('big', 'w'), 3e9)\"",
      /EFBIG|SIGXFSZ|exit code 153/,
    ],
    ['open files', 'node -e "for (;;) fs.openSync(\'src/a.txt\')"', /EMFILE/],
    [
      'a core file',
      "ulimit -c unlimited; sh -c 'kill -SEGV $$'; ls core* /tmp/core*",
      /(not permitted|bad limit|cannot modify)[^]*No such file/i,
    ],
    ['and the server', 'echo answers', /^answers$/],
  ]);
  assert.ok((container?.outOfMemoryKills() ?? 0) > 0, 'the memory kill was noticed');
});

test('the kernel', async (t) => {
  if (skipped(t)) return;
  if (process.arch !== 'x64' || found.kind !== 'ready') {
    t.skip('needs a processor of the kind x86-64: the programs are made for it');
    return;
  }
  const outcomes = kernelOutcomes(await shell.run(runKernelAttacks('attack')));
  for (const outcome of outcomes) t.diagnostic(outcome);
  const wrong = outcomes.filter((one) => !/→ (EPERM|ENOSYS|EBADF|killed by SIG(SYS|SEGV))$/.test(one));
  assert.deepEqual(wrong, []);
});

test('a server that is killed by its own command takes nothing along', async (t) => {
  if (skipped(t) || !container) return;
  const gone = shell.run('kill -9 $PPID; sleep 5');
  await assert.rejects(gone, /Connection closed/);
  assert.deepEqual(await container.ended, { kind: 'exited', code: 137 });
  assert.equal(readFileSync(join(place.folder, 'src/a.txt'), 'utf8'), 'a');
});
