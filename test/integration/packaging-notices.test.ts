import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import {
  bundledPackages,
  readPackage,
  thirdPartyNotices,
  type Metafile,
  type PackageFacts,
} from '../../scripts/package/notices.ts';

const built = (inputs: Readonly<Record<string, number>>): Metafile => ({
  outputs: {
    'dist.1234/main.cjs': {
      inputs: Object.fromEntries(
        Object.entries(inputs).map(([input, bytesInOutput]) => [input, { bytesInOutput }]),
      ),
    },
  },
});

const facts = (name: string, rest: Partial<PackageFacts> = {}): PackageFacts => ({
  ...{ name, version: '1.0.0', files: [] },
  ...rest,
});

const bundles = (what: string, input: string, packages: readonly string[], bytes = 10): void => {
  test(`bundled: ${what}`, () => assert.deepEqual(bundledPackages(built({ [input]: bytes })), packages));
};

bundles('a package', 'node_modules/zod/v4/core.js', ['node_modules/zod']);
bundles('a package with a scope', 'node_modules/@a/b/x.js', ['node_modules/@a/b']);
bundles("another's own copy", 'node_modules/@a/b/node_modules/c/x.js', ['node_modules/@a/b/node_modules/c']);
bundles('a build that was started elsewhere', '../far/node_modules/zod/x.js', ['node_modules/zod']);
bundles('not what tree shaking left out', 'node_modules/zod/v4/core.js', [], 0);
bundles('not our own files', 'extension/src/main.ts', []);
bundles('not what a build puts in place of a module', 'unused:ssh2', []);

const notices = (packages: readonly PackageFacts[], others: readonly PackageFacts[] = []): string =>
  thirdPartyNotices(
    built(Object.fromEntries(packages.map(({ name }) => [`node_modules/${name}/x.js`, 1]))),
    (folder) => packages.find(({ name }) => folder === `node_modules/${name}`) ?? assert.fail(folder),
    others,
  );
const mit = {
  name: 'LICENSE',
  text: 'Copyright B\r\n\r\nPermission is hereby granted, free of charge…  \r\n',
};

test('a notice has the name, the version, the licence and its text', () => {
  const text = notices([facts('b', { license: 'MIT', files: [mit] })]);
  assert.match(text, /\nb 1\.0\.0\nLicence: MIT\n\n-- LICENSE -+\n\nCopyright B\n\nPermission [^\n]+…\n$/);
});

test('a package without the text is sent to one that has the same terms, and names its author', () => {
  const text = notices([
    facts('a', { license: 'MIT', author: 'A. Author' }),
    facts('b', { license: 'MIT', files: [mit] }),
  ]);
  assert.match(text, /\na 1\.0\.0\nLicence: MIT\nAuthor: A\. Author\n.*The terms stand under b 1\.0\.0\.\n/);
});

test('the native module stands among them, in order', () => {
  const text = notices([facts('z', { license: 'ISC' })], [facts('native', { license: 'Apache-2.0' })]);
  assert.ok(text.indexOf('\nnative 1.0.0\n') < text.indexOf('\nz 1.0.0\n'));
});

test('a licence file alone will do', () => {
  assert.match(notices([facts('a', { files: [mit] })]), /Licence: see below/);
});

test('a package that says nothing of a licence stops the packaging', () => {
  assert.throws(() => notices([facts('a'), facts('b', { license: 'MIT' })]), /a 1\.0\.0\.\n/);
});

test('facts are read from a package as it lies on the disk', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'strata-notices-'));
  t.after(async () => await rm(folder, { recursive: true, force: true }));
  const reads = async (manifest: object): Promise<PackageFacts> => {
    await writeFile(
      path.join(folder, 'package.json'),
      JSON.stringify({ ...manifest, name: 'a', version: '2.0.0' }),
    );
    return readPackage(folder);
  };
  assert.deepEqual(await reads({}), { name: 'a', version: '2.0.0', files: [] });
  for (const name of ['LICENSE-MIT', 'licence.md', 'NOTICE.txt', 'licensing.js'])
    await writeFile(path.join(folder, name), name);
  const { license, author, files } = await reads({
    licenses: [{ type: 'MIT' }, 'ISC'],
    author: { name: 'A' },
  });
  assert.deepEqual([license, author], ['MIT OR ISC', 'A']);
  assert.deepEqual(files.map(({ name }) => name).sort(), ['LICENSE-MIT', 'NOTICE.txt', 'licence.md']);
});
