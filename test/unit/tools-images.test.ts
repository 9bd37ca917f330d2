import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStrataError } from '../../extension/src/base/errors.ts';
import { toContainer } from '../../extension/src/node/docker/images/container-path.ts';
import { dockerIgnore } from '../../extension/src/node/docker/images/dockerignore.ts';
import { baseOfBuildFailure } from '../../extension/src/node/docker/images/engine-words.ts';
import { ownDockerfile } from '../../extension/src/node/docker/images/init.ts';
import { npmFailure } from '../../extension/src/node/docker/images/npm/npm-words.ts';
import { parsePackage } from '../../extension/src/node/docker/images/npm/package-spec.ts';
import { chooseBinary } from '../../extension/src/node/docker/images/npm/staged-package.ts';
import { tagOf } from '../../extension/src/node/docker/images/plan.ts';
import { Preparations } from '../../extension/src/node/docker/images/preparations.ts';
import { checkImageName } from '../../extension/src/node/docker/images/pull.ts';

/** What comes out, or the code of the error. */
function outcome(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    if (!isStrataError(error)) throw error;
    return error.code;
  }
}

test('.dockerignore: patterns from the root, the last one decides', () => {
  const check = (rules: string, left: readonly string[], taken: readonly string[]) => {
    const { ignored } = dockerIgnore(rules);
    assert.deepEqual(
      left.filter((name) => !ignored(name)),
      [],
      rules,
    );
    assert.deepEqual(taken.filter(ignored), [], rules);
  };
  check('node_modules', ['node_modules', 'node_modules/a/b'], ['a/node_modules', 'node_modules2']);
  check('*.log', ['a.log'], ['a/b.log', 'alog']);
  check('**/*.log', ['a.log', 'a/b/c.log'], ['a.logs']);
  check('a/**/b', ['a/b', 'a/x/b', 'a/x/y/b/c'], ['b', 'x/a/b']);
  check('a/**', ['a/b', 'a/b/c'], ['a', 'ab']);
  check('/dist/', ['dist', 'dist/x'], ['a/dist']);
  check('./a/../b', ['b'], ['a']);
  check('a?c', ['abc'], ['ac', 'a/c']);
  check('[ab].txt', ['a.txt'], ['c.txt']);
  check('\\*.md', ['*.md'], ['a.md']);
  check('*\n!keep\n!src/**/*.js', ['a', 'src', 'src/a.ts'], ['keep', 'keep/x', 'src/a/b.js']);
  check('*.md\n!readme.md\nreadme.md', ['readme.md'], []);
  check('# a.txt\n\n  b.txt  \r\n', ['b.txt'], ['a.txt', '# a.txt']);
  check('.\n..\n/', [], ['a']);
  check('größe+(1).txt', ['größe+(1).txt'], ['größe1.txt']);
  assert.equal(dockerIgnore('a\n!b').hasExceptions, true);
});

test('an argument that names the workspace is one of the container', () => {
  const check = (argument: string, expected: string, folder = '/home/me/my project') =>
    assert.equal(toContainer(argument, folder), expected);
  check('/home/me/my project', '/workspace');
  check('/home/me/my project/', '/workspace');
  check('/home/me/my project/src/a.js', '/workspace/src/a.js');
  check('--root=/home/me/my project/src', '--root=/workspace/src');
  check('-f=/home/me/my project', '-f=/workspace');
  check('${workspaceFolder}/src', '/workspace/src');
  check('--x=${workspaceFolder}', '--x=/workspace');
  for (const other of [
    '/home/me/my project2/a',
    '/home/me',
    'src/a.js',
    '/home/me/my project/../x',
    'x/home/me/my project',
  ])
    check(other, other);
  check('c:\\Users\\Me\\proj\\src\\a.js', '/workspace/src/a.js', 'C:\\Users\\me\\proj');
  check('C:/Users/me/proj', '/workspace', 'C:\\Users\\me\\proj');
  check('/a', '/a', '/');
});

test('a package is a name with a version, a range or a tag', () => {
  const parsed = (spec: string) =>
    outcome(() => {
      const { name, wanted } = parsePackage(spec);
      return `${name} ${wanted}`;
    });
  assert.equal(parsed('server'), 'server latest');
  assert.equal(parsed('@scope/server'), '@scope/server latest');
  assert.equal(parsed('@scope/server@1.2.3-beta.1'), '@scope/server 1.2.3-beta.1');
  assert.equal(parsed(' server@>=1 <2 || ^3 '), 'server >=1 <2 || ^3');
  assert.equal(parsed('server@'), 'server latest');
  for (const spec of [
    '',
    '@scope',
    'a/b',
    './a',
    'a@file:b',
    'a@npm:b',
    'git+ssh://x',
    'a b',
    'a@1;b',
    'a@$(b)',
  ])
    assert.equal(parsed(spec), 'npm-package-name', spec);
});

test('the program of a package', () => {
  const chosen = (bin: Parameters<typeof chooseBinary>[1], wanted?: string) =>
    outcome(() => chooseBinary('@scope/server', bin, wanted));
  assert.equal(chosen('./a.js'), './a.js');
  assert.equal(chosen({ other: 'a.js' }), 'a.js');
  assert.equal(chosen({ one: './a.js', two: 'a.js' }), './a.js');
  assert.equal(chosen({ one: 'a.js', server: 'b.js' }), 'b.js');
  assert.equal(chosen({ one: 'a.js', two: 'b.js' }), 'npm-binary');
  assert.equal(chosen({ one: 'a.js', two: 'b.js' }, 'two'), 'b.js');
  assert.equal(chosen({ one: 'a.js' }, 'constructor'), 'npm-binary');
  assert.equal(chosen(undefined), 'npm-no-binary');
  assert.equal(chosen({}), 'npm-no-binary');
});

test('what npm says is told apart, whatever its version', () => {
  const code = (output: string) => npmFailure('x@1', output).code;
  assert.equal(
    code('npm error code E404\nnpm error 404 Not Found - GET http://r/x'),
    'npm-package-not-found',
  );
  assert.equal(code('npm ERR! code ETARGET\nnpm ERR! notarget No matching version'), 'npm-version-not-found');
  assert.equal(code('npm error code EAI_AGAIN\nnpm error request failed'), 'npm-unreachable');
  assert.equal(code('npm error code SELF_SIGNED_CERT_IN_CHAIN'), 'npm-unreachable');
  assert.equal(code('npm error code E403'), 'npm-needs-login');
  assert.equal(code('npm error code ENOSPC'), 'tools-disk-full');
  assert.equal(code('npm error syscall spawn strata-runs-no-git'), 'npm-git-dependency');
  assert.equal(
    code('npm error code EINTEGRITY\nnpm error sha512-a integrity checksum failed'),
    'npm-install',
  );
  assert.equal(npmFailure('x', '').message, 'npm could not install x: it ended without a reason');
});

test('an image that a build begins with is told from a step that fails', () => {
  const code = (detail: string) => baseOfBuildFailure('x', detail)?.code;
  assert.equal(code('pull access denied for x, repository does not exist'), 'image-needs-login');
  assert.equal(code('manifest for x:1 not found: manifest unknown: manifest unknown'), 'image-not-found');
  assert.equal(
    code('Get "https://registry-1.docker.io/v2/": dial tcp: lookup failed'),
    'image-registry-unreachable',
  );
  assert.equal(code('curl: connection refused\nThe command returned a non-zero code: 7'), undefined);
});

test('names of images reach nothing else of the engine', () => {
  for (const name of [
    'node',
    'node:22-slim',
    'ghcr.io/a/b:1.0',
    'localhost:5000/a',
    'A.example/b',
    `a@sha256:${'0'.repeat(64)}`,
  ])
    assert.equal(
      outcome(() => checkImageName(name)),
      undefined,
      name,
    );
  for (const name of [
    '',
    '..',
    '../x',
    'a/../b',
    'a?x',
    'a#b',
    'a b',
    'A',
    '-a',
    'a@sha256:1',
    'a:',
    '/a',
    'a/',
  ])
    assert.equal(
      outcome(() => checkImageName(name)),
      'image-name',
      name,
    );
  assert.match(tagOf('NPM @Scope/Ünï_server!', ['x']), /^strata\/npm-scope-n-server:[0-9a-f]{16}$/);
  assert.notEqual(tagOf('a', ['ab', 'c']), tagOf('a', ['a', 'bc']));
});

test('labels are one step, whatever they hold', () => {
  const file = ownDockerfile('ARG BASE\nFROM ${BASE}\nCMD ["x"]', { a: 'b "c" $d \\', e: 'f\ng' });
  assert.equal(
    file,
    'ARG BASE\nFROM ${BASE}\nLABEL strata.build=1\nCMD ["x"]\nLABEL "a"="b \\"c\\" \\$d \\\\" "e"="f g"\n',
  );
});

test('the same work is done once, and ends with the last who waits for it', async () => {
  const work = new Preparations<string>();
  const log: string[] = [];
  const caller = (name: string) => {
    const stop = new AbortController();
    const result = work.share(
      'key',
      { signal: stop.signal, onProgress: (text) => log.push(`${name} ${text}`) },
      run,
    );
    return { stop, result };
  };
  const gate = Promise.withResolvers<string>();
  let begun = 0;
  const run = async ({ signal, onProgress }: { signal: AbortSignal; onProgress: (text: string) => void }) => {
    begun += 1;
    onProgress('begins');
    signal.addEventListener('abort', () => gate.reject(signal.reason as Error));
    return gate.promise;
  };
  const first = caller('first');
  const second = caller('second');
  await Promise.resolve();
  first.stop.abort();
  await assert.rejects(first.result, { name: 'AbortError' });
  gate.resolve('done');
  assert.equal(await second.result, 'done');
  assert.equal(begun, 1);
  assert.deepEqual(log, ['first begins', 'second begins']);
});

test('two callers with one and the same listener are two', async () => {
  const work = new Preparations<string>();
  const onProgress = () => undefined;
  const gate = Promise.withResolvers<string>();
  const share = (signal: AbortSignal) =>
    work.share('key', { signal, onProgress }, ({ signal: stop }) => {
      stop.addEventListener('abort', () => gate.reject(stop.reason as Error));
      return gate.promise;
    });
  const stop = new AbortController();
  const first = share(stop.signal);
  const second = share(new AbortController().signal);
  stop.abort();
  await assert.rejects(first, { name: 'AbortError' });
  gate.resolve('done');
  assert.equal(await second, 'done');
});

test('work that nobody waits for any more is stopped, and begun anew for the next', async () => {
  const work = new Preparations<string>();
  const stopped: string[] = [];
  const share = (signal: AbortSignal, name: string) =>
    work.share('key', { signal, onProgress: () => undefined }, (options) => {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      if (name === 'quick') resolve(name);
      options.signal.addEventListener('abort', () => {
        stopped.push(name);
        reject(options.signal.reason as Error);
      });
      return promise;
    });
  const stop = new AbortController();
  const slow = share(stop.signal, 'slow');
  stop.abort();
  await assert.rejects(slow, { name: 'AbortError' });
  assert.deepEqual(stopped, ['slow']);
  assert.equal(await share(new AbortController().signal, 'quick'), 'quick');
});

test('builds come one after the other, also after one that fails, and a cancelled one does not begin', async () => {
  const work = new Preparations<string>();
  const log: string[] = [];
  const signal = new AbortController().signal;
  const build = (name: string, end: () => Promise<void>) =>
    work.oneByOne(signal, async () => {
      log.push(`${name} begins`);
      await end();
      log.push(`${name} ends`);
    });
  const stop = new AbortController();
  const first = build('first', () => Promise.resolve());
  const failing = build('failing', () => Promise.reject(new Error('no')));
  const cancelled = work.oneByOne(stop.signal, () => {
    log.push('cancelled begins');
    return Promise.resolve();
  });
  stop.abort();
  const last = build('last', () => Promise.resolve());
  await assert.rejects(cancelled, { name: 'AbortError' });
  await assert.rejects(failing, /no/);
  await Promise.all([first, last]);
  assert.deepEqual(log, ['first begins', 'first ends', 'failing begins', 'last begins', 'last ends']);
});
