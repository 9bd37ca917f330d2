import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { engineError, findEngine, type Engine } from '../../extension/src/node/docker/index.ts';
import { seccompOption } from '../../extension/src/node/docker/sandbox-gaps.ts';
import { processesWith } from '../support/marked-processes.ts';
import { engineForTests, type EngineForTests } from '../support/docker.ts';
import { underPermissions } from '../support/ordinary-user.ts';
import { noSshServer, startSshServer, type SshServer } from '../support/ssh-server.ts';
import { canMakeCertificates, engineBehindTls, type TlsEngine } from '../support/tls-engine.ts';
import { dockerOf } from '../support/dockerode.ts';

const soon = () => AbortSignal.timeout(60_000);
let found: EngineForTests;
let folder: string;
before(async () => {
  found = await engineForTests();
  folder = mkdtempSync(join(tmpdir(), 'strata-engines-'));
});
after(async () => {
  rmSync(folder, { recursive: true, force: true });
  if (found.kind === 'ready') await found.stop();
});

/** The engine's socket, or undefined after the test was skipped for want of one. */
function socketFor(t: TestContext): string | undefined {
  if (found.kind === 'ready' && found.engine.connection.kind === 'socket')
    return found.engine.connection.socketPath;
  t.skip(found.kind === 'missing' ? found.reason : 'needs an engine behind a socket');
  return undefined;
}

async function find(env: Readonly<Record<string, string>>, limitMs = 15_000) {
  const surroundings = { env, home: folder, platform: process.platform, uid: process.getuid?.() };
  return findEngine({ signal: soon(), surroundings, limitMs });
}

/** The engine's way of being reached, or the error's code, words and advice. */
async function outcome(env: Readonly<Record<string, string>>): Promise<string> {
  const state = await find(env);
  if (state.kind !== 'ready') {
    const { code, message, action } = engineError(state);
    return `${code}: ${message} ${action}`;
  }
  const { engine } = state;
  try {
    // dockerode goes the same way as our own requests.
    const { ServerVersion } = await dockerOf(engine)
      .info()
      .then((info: { ServerVersion: string }) => info);
    assert.equal(ServerVersion, engine.version);
    return engine.remote ? 'ready, remote' : 'ready';
  } finally {
    await engine.dispose();
  }
}

test('an engine behind TLS is found by the environment and by a context; each mistake has its own words', async (t) => {
  const socket = socketFor(t);
  if (socket === undefined) return;
  if (!canMakeCertificates()) {
    t.skip('needs openssl');
    return;
  }
  const tls = await engineBehindTls(socket);
  t.after(() => tls.remove());
  const DOCKER_HOST = `tcp://127.0.0.1:${tls.port}`;
  const check = async (env: Readonly<Record<string, string>>, expected: string | RegExp) => {
    const said = await outcome({ DOCKER_HOST, ...env });
    if (typeof expected === 'string') assert.equal(said, expected);
    else assert.match(said, expected);
  };
  const own = { DOCKER_CERT_PATH: tls.certificates };
  const strangers = { DOCKER_CERT_PATH: tls.strangers };
  await check({ DOCKER_TLS_VERIFY: '1', ...own }, 'ready');
  await check({ DOCKER_TLS: '1', ...own }, 'ready');
  await check({}, /^docker-unreachable.*(speaks TLS only|ECONNRESET|hang up)/);
  await check({ DOCKER_TLS_VERIFY: '1', ...strangers }, /its certificate is not trusted.*ca\.pem/);
  await check({ DOCKER_TLS: '1', ...strangers }, /does not take our certificate.*key\.pem/);
  await check({ DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: join(folder, 'nowhere') }, /ENOENT.*nowhere/);
  keepContext('far', DOCKER_HOST, tls);
  assert.equal(await outcome({ DOCKER_CONTEXT: 'far' }), 'ready');
  assert.match(await outcome({ DOCKER_CONTEXT: 'gone' }), /^docker-unsuitable.*docker context ls/);
});

function keepContext(name: string, address: string, tls: TlsEngine): void {
  const id = createHash('sha256').update(name).digest('hex');
  const meta = join(folder, '.docker/contexts/meta', id);
  const material = join(folder, '.docker/contexts/tls', id, 'docker');
  for (const path of [meta, material]) mkdirSync(path, { recursive: true });
  for (const file of ['ca.pem', 'cert.pem', 'key.pem'])
    cpSync(join(tls.certificates, file), join(material, file));
  const endpoint = { Host: address, SkipTLSVerify: false };
  writeFileSync(join(meta, 'meta.json'), JSON.stringify({ Name: name, Endpoints: { docker: endpoint } }));
}

async function sshServer(t: TestContext): Promise<SshServer | undefined> {
  const missing = noSshServer();
  if (missing === undefined) {
    const server = await startSshServer();
    t.after(() => server.remove());
    return server;
  }
  t.skip(missing);
  return undefined;
}

test('an engine behind ssh is reached by the system’s ssh; each mistake has its own words', async (t) => {
  const socket = socketFor(t);
  const server = socket === undefined ? undefined : await sshServer(t);
  if (!server || socket === undefined) return;
  const check = async (address: string, expected: RegExp) =>
    assert.match(await outcome({ DOCKER_HOST: address }), expected);
  server.use('good');
  await check(server.address(socket), /^ready, remote$/);
  await check(
    server.address('/nowhere/docker.sock'),
    /nothing answers at \/nowhere\/docker\.sock.*Start Docker there/,
  );
  server.use('unknown-host');
  await check(server.address(socket), /does not know the host key.*Connect once by hand.*ssh -p \d+/);
  server.use('wrong-key');
  await check(server.address(socket), /refused the ssh keys.*ssh-add/);
  server.use('good');
  await check('ssh://127.0.0.1:1', /ssh cannot reach it.*refused/);
  const path = process.env['PATH'];
  process.env['PATH'] = folder;
  await check(server.address(socket), /ssh could not be started.*Install the OpenSSH client/);
  process.env['PATH'] = path;
  assert.deepEqual(tunnels(), []);
});

function tunnels(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('strata-ssh-'));
}

test('two finds of an engine behind ssh share a tunnel, which comes back after it was lost', async (t) => {
  const socket = socketFor(t);
  const server = socket === undefined ? undefined : await sshServer(t);
  if (!server || socket === undefined) return;
  server.use('good');
  const env = { DOCKER_HOST: server.address(socket) };
  const ready = async (): Promise<Engine> => {
    const state = await find(env);
    assert.ok(state.kind === 'ready', JSON.stringify(state));
    return state.engine;
  };
  const [one, two] = [await ready(), await ready()];
  assert.equal(one.shared, two.shared);
  assert.equal(tunnels().length, 1);
  for (const pid of processesWith(tunnels()[0] ?? '?')) process.kill(pid, 'SIGKILL');
  await delay(100);
  const three = await ready();
  await dockerOf(one).ping();
  await Promise.all([one, two, three].map((engine) => engine.dispose()));
  assert.deepEqual(tunnels(), []);
});

test('kill -9 of a process leaves no ssh behind', async (t) => {
  const socket = socketFor(t);
  const server = socket === undefined ? undefined : await sshServer(t);
  if (!server || socket === undefined || process.platform !== 'linux') return;
  server.use('good');
  const script = join(import.meta.dirname, '../support/engine-user-process.ts');
  const env = { ...process.env, DOCKER_HOST: server.address(socket) };
  const client = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: client.stdout })) if (line === 'guarded') break;
  const marked = () => processesWith(`strata-ssh-${client.pid}-`);
  assert.equal(marked().length, 1);
  client.kill('SIGKILL');
  for (let tries = 0; tries < 80 && (marked().length > 0 || tunnels().length > 0); tries += 1)
    await delay(100);
  assert.deepEqual(marked(), []);
  assert.deepEqual(tunnels(), []);
});

test('a socket that may not be opened is said to be so', async (t) => {
  const socket = socketFor(t);
  const prefix = underPermissions();
  if (socket === undefined) return;
  if (!prefix || process.getuid?.() !== 0) {
    t.skip('needs root and setpriv, to be somebody else');
    return;
  }
  const code = `
    import { engineError, findEngine } from '${join(import.meta.dirname, '../../extension/src/node/docker/index.ts')}';
    const state = await findEngine({ signal: AbortSignal.timeout(20000) });
    console.log(state.kind, state.kind === 'ready' ? '' : engineError(state).action);`;
  const args = [
    '--reuid=12345',
    '--regid=12345',
    '--clear-groups',
    process.execPath,
    '--input-type=module',
    '-e',
    code,
  ];
  const env = { PATH: process.env['PATH'], DOCKER_HOST: `unix://${socket}` };
  const { stdout, stderr } = spawnSync('setpriv', args, { env, encoding: 'utf8' });
  assert.match(stdout, /^denied .*usermod -aG docker/, stderr);
});

/** Something that answers as an engine of this version does. */
async function engineOf(t: TestContext, apiVersion: string, info: object | string): Promise<string> {
  const server = createServer((_, response) => {
    response.setHeader('Api-Version', apiVersion);
    if (typeof info === 'string') response.statusCode = 400;
    response.end(typeof info === 'string' ? info : JSON.stringify(info));
  });
  const path = join(folder, `${(sockets += 1)}.sock`);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  t.after(() => server.close());
  return outcome({ DOCKER_HOST: `unix://${path}` });
}
let sockets = 0;

test('an engine that is too old, or runs Windows containers, says what to do', async (t) => {
  const old = await engineOf(t, '1.40', { OSType: 'linux', ServerVersion: '19.03.5' });
  assert.match(old, /^docker-unsuitable.*too old \(version 19\.03\.5\).*Update Docker to 20\.10/);
  const podman = { OSType: 'linux', BuildahVersion: '1.23.1', ServerVersion: '3.4.4' };
  const oldPodman = await engineOf(t, '1.40', podman);
  assert.match(oldPodman, /^docker-unsuitable.*Podman 3\.4\.4.*Update Podman to 4/);
  const windows = await engineOf(t, '1.47', { OSType: 'windows', ServerVersion: '27.0.1' });
  assert.match(windows, /^docker-unsuitable.*windows containers.*Linux containers/);
  const tls = await engineOf(t, '', 'Client sent an HTTP request to an HTTPS server.\n');
  assert.match(tls, /^docker-unreachable.*it speaks TLS only.*DOCKER_TLS_VERIFY=1/);
});

test('Podman gets the list of system calls as a file, also when several containers start at once', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'strata-home-'));
  const before = process.env['STRATA_HOME'];
  process.env['STRATA_HOME'] = home;
  t.after(() => {
    if (before === undefined) delete process.env['STRATA_HOME'];
    else process.env['STRATA_HOME'] = before;
    rmSync(home, { recursive: true, force: true });
  });
  const podman = { features: { seccomp: true, podman: true } } as Engine;
  const files = await Promise.all(Array.from({ length: 8 }, () => seccompOption(podman)));
  assert.equal(new Set(files).size, 1);
  assert.deepEqual(
    readdirSync(join(home, 'sandbox')).map((name) => join(home, 'sandbox', name)),
    files.slice(0, 1),
  );
  assert.equal(
    readFileSync(files[0] ?? '', 'utf8'),
    await seccompOption({ features: { seccomp: true } } as Engine),
  );
});
