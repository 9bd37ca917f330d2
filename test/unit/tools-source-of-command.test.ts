import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sourceOfCommand } from '../../extension/src/core/tools/mcp-json/source-of-command.ts';

/** A command line, with its words separated by spaces, and what it comes to in one line. */
function check(line: string, expected: string): void {
  const [command = '', ...args] = line.split(' ').map((word) => word.replaceAll('␣', ' '));
  assert.equal(inOneLine(sourceOfCommand(command, args)), expected, line);
}

function inOneLine(found: ReturnType<typeof sourceOfCommand>): string {
  if ('unsupported' in found) return `unsupported: ${found.unsupported}`;
  const { kind, ...rest } = found.source;
  const parts = Object.entries(rest).flatMap(([name, value]) => {
    if (Array.isArray(value)) return value.length === 0 ? [] : [`${name}=[${value.join('|')}]`];
    return typeof value === 'object' ? [`${name}=${JSON.stringify(value)}`] : [`${name}=${String(value)}`];
  });
  const environment = Object.entries(found.environment).map(([name, value]) => `${name}:${value}`);
  return [
    kind,
    ...parts,
    ...(environment.length > 0 ? [`env ${environment.join(' ')}`] : []),
    ...(found.secrets.length > 0 ? [`secrets ${found.secrets.join(' ')}`] : []),
  ].join(', ');
}

function notes(line: string): readonly string[] {
  const [command = '', ...args] = line.split(' ');
  const found = sourceOfCommand(command, args);
  return 'unsupported' in found ? [found.unsupported] : found.notes;
}

test('npx and its like become the package', () => {
  check(
    'npx -y @scope/server@1.2.3 --root /data',
    'npm, package=@scope/server@1.2.3, arguments=[--root|/data]',
  );
  check('npx --yes server -y', 'npm, package=server, arguments=[-y]');
  check('npx server', 'npm, package=server');
  check('npx -y -- server -- -x', 'npm, package=server, arguments=[--|-x]');
  check('npx -y server@^1.0', 'npm, package=server@^1.0');
  check('/usr/local/bin/npx -y server', 'npm, package=server');
  check('C:\\nodejs\\npx.cmd -y server', 'npm, package=server');
  check('npx -yq server', 'npm, package=server');
  check('pnpm dlx server a', 'npm, package=server, arguments=[a]');
  check('pnpx server', 'npm, package=server');
  check('yarn dlx -q server', 'npm, package=server');
  check('bunx --bun server', 'npm, package=server');
  check('bun x server', 'npm, package=server');
  check('npm exec -y server -- --port 1', 'npm, package=server, arguments=[--port|1]');
  check('npm x -- server a', 'npm, package=server, arguments=[a]');
});

test('a package that is named apart leaves the program', () => {
  check('npx -y -p @scope/many@2 one --x', 'npm, package=@scope/many@2, binary=one, arguments=[--x]');
  check('npx --package=@scope/many one', 'npm, package=@scope/many, binary=one');
  check('npx -y --package @scope/many -- one a', 'npm, package=@scope/many, binary=one, arguments=[a]');
  check(
    'pnpm --package=@scope/many dlx one',
    'command, command=pnpm, arguments=[--package=@scope/many|dlx|one]',
  );
  check('pnpm dlx --package=@scope/many one', 'npm, package=@scope/many, binary=one');
  check('npx -p same same', 'npm, package=same');
  check(
    'npx -p one -p two run',
    'unsupported: It needs several packages (one, two): build them into one image by a Dockerfile.',
  );
});

test('what is no package of a registry says so', () => {
  const reason = (name: string) =>
    `unsupported: "${name}" is no package of a registry: name one, or build it by a Dockerfile of the workspace.`;
  for (const name of [
    'github:user/repo',
    'user/repo',
    'git+https://x.y/z.git',
    './server',
    '/opt/server',
    'file:x',
  ])
    check(`npx -y ${name}`, reason(name));
  check('npx -y', 'unsupported: It names no package.');
  check(
    'npx -c run␣me',
    'unsupported: A shell command in place of a package cannot be taken over: use a Dockerfile.',
  );
});

test('options that are lost are told', () => {
  assert.deepEqual(notes('npx -y server'), []);
  assert.deepEqual(notes('npx -y --registry=https://r.example server'), [
    'The option --registry https://r.example is not taken over.',
  ]);
});

test('a bridge to an address becomes the address', () => {
  check('npx -y mcp-remote https://mcp.example/sse', 'http, url=https://mcp.example/sse, headers={}');
  check(
    'npx mcp-remote@latest https://mcp.example/mcp --header Authorization:␣Bearer␣x --transport http-only',
    'http, url=https://mcp.example/mcp, headers={"Authorization":"Bearer x"}',
  );
  check('npx mcp-remote', 'npm, package=mcp-remote');
});

test('docker run becomes the image', () => {
  check('docker run -i --rm mcp/time', 'image, image=mcp/time');
  check(
    'docker run -i --rm -e TOKEN -e MODE=fast --env LEVEL=a=b ghcr.io/x/y:1 stdio --read-only',
    'image, image=ghcr.io/x/y:1, arguments=[stdio|--read-only], env MODE:fast LEVEL:a=b, secrets TOKEN',
  );
  check('docker run -it --rm --init mcp/time', 'image, image=mcp/time');
  check('docker run -ieTOKEN mcp/time', 'image, image=mcp/time, secrets TOKEN');
  check('docker run --env=TOKEN=${input:token} -e A=$B mcp/time', 'image, image=mcp/time, secrets TOKEN A');
  check(
    'docker run --entrypoint /bin/serve x/y -v',
    'image, image=x/y, entrypoint=[/bin/serve], arguments=[-v]',
  );
  check('podman run --rm -i quay.io/x/y', 'image, image=quay.io/x/y');
  check('docker --context remote container run -i x/y', 'image, image=x/y');
  check('docker run -i', 'unsupported: It names no image.');
  check(
    'docker compose up',
    'unsupported: Of docker only "run" can be taken over, and "compose" cannot: name the image itself.',
  );
});

test('what would open the sandbox is told and left out', () => {
  assert.deepEqual(notes('docker run -i --rm --name x --network none x/y'), []);
  assert.deepEqual(
    notes('docker run -v /a:/b --network host --privileged -p 1:2 --env-file .env -w /c x/y'),
    [
      'The mount /a:/b is not taken over: a server gets the workspace at /workspace when it may have files.',
      'The network host is not taken over: a server reaches the hosts that are listed for it.',
      '--privileged is not taken over: it would open the sandbox.',
      'The port 1:2 is not published: a server speaks over its standard streams.',
      'The variables in .env are not taken over: list those that are needed.',
      'The option -w /c is not taken over.',
    ],
  );
});

test('Python runners say what to do instead', () => {
  for (const line of [
    'uvx mcp-server-time',
    'uv run server.py',
    'pipx run x',
    'python3 -m mcp_server',
    'py -3 -m x',
  ])
    assert.match(notes(line)[0] ?? '', /^".*" needs a Python program .* name an image of this server/, line);
  check('python3 -u server.py -m x', 'command, command=python3, arguments=[-u|server.py|-m|x]');
});

test('anything else runs as it is', () => {
  check('node dist/server.js --x', 'command, command=node, arguments=[dist/server.js|--x]');
  check('python server.py', 'command, command=python, arguments=[server.py]');
  check('./server.sh', 'command, command=./server.sh');
  check('npm run serve', 'command, command=npm, arguments=[run|serve]');
});

test('the shell of Windows and env are no part of the command', () => {
  check('cmd /c npx -y server a', 'npm, package=server, arguments=[a]');
  check('cmd.exe /C npx␣-y␣server', 'npm, package=server');
  check('C:\\Windows\\System32\\cmd.exe /c docker run x/y', 'image, image=x/y');
  check('env A=1 B=2 npx server', 'npm, package=server, env A:1 B:2');
  check('env A=1 docker run -e A=2 x/y', 'image, image=x/y, env A:2');
  check('env', 'command, command=env');
});
