// `npm run package [-- --target linux-x64]`: packs the built extension, one .vsix per platform, each with that
// platform's LanceDB. `universal` has none: on other platforms memory then says that it cannot load.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { continueUnderProjectNode } from './setup/node.mjs';

const root = path.resolve(import.meta.dirname, '..');
const native = {
  'linux-x64': '@lancedb/lancedb-linux-x64-gnu',
  'linux-arm64': '@lancedb/lancedb-linux-arm64-gnu',
  'darwin-arm64': '@lancedb/lancedb-darwin-arm64',
  'win32-x64': '@lancedb/lancedb-win32-x64-msvc',
};
const universal = 'universal';
const allTargets = [...Object.keys(native), universal];

// What follows reads TypeScript.
await continueUnderProjectNode();
const { readMetafile, readPackage, thirdPartyNotices } = await import('./package/notices.ts');

const { values: flags } = parseArgs({
  options: {
    target: { type: 'string', multiple: true },
    out: { type: 'string', default: path.join(root, 'dist', 'vsix') },
    'no-build': { type: 'boolean', default: false },
    'or-universal': { type: 'boolean', default: false },
  },
});

function fail(message) {
  console.error(`package: ${message}`);
  process.exit(1);
}

function run(command, args, cwd) {
  const shell = process.platform === 'win32' && command === 'npm';
  const ended = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    shell,
    timeout: 300_000,
    maxBuffer: 64 << 20,
  });
  if (ended.status === 0) return ended.stdout;
  const why = ended.error?.message ?? `${ended.stdout}\n${ended.stderr}`.trim();
  throw new Error(`\`${path.basename(command)} ${args.join(' ')}\` failed:\n${why}`);
}

const size = (file) => `${(statSync(file).size / 2 ** 20).toFixed(2)} MB`;

/** The folder of the platform's native module, from the registry if need be; its version is the lock file's. */
function fetchNative(target) {
  const name = native[target];
  const { version } = JSON.parse(
    readFileSync(path.join(root, 'node_modules/@lancedb/lancedb/package.json'), 'utf8'),
  );
  const cache = path.join(root, '.cache', 'native', version);
  const home = path.join(cache, target);
  if (!existsSync(home)) {
    mkdirSync(cache, { recursive: true });
    const staging = mkdtempSync(path.join(cache, '.staging-'));
    try {
      const installed = path.join(root, 'node_modules', name);
      if (existsSync(installed)) cpSync(installed, path.join(staging, 'package'), { recursive: true });
      else {
        console.log(`fetching ${name}@${version} …`);
        run(
          'npm',
          ['pack', `${name}@${version}`, '--silent', '--ignore-scripts', '--pack-destination', staging],
          staging,
        );
        run('tar', ['-xzf', readdirSync(staging).find((file) => file.endsWith('.tgz'))], staging);
      }
      // Another process may have been faster: then its copy stays.
      if (!existsSync(home)) renameSync(path.join(staging, 'package'), home);
    } finally {
      rmSync(staging, { recursive: true, force: true });
    }
  }
  return home;
}

/** Brings the native module, and the notices of what it was linked from, which LanceDB's main package carries. */
function stageNative(folder, target) {
  const home = fetchNative(target);
  for (const file of readdirSync(home).filter((name) => name.endsWith('.node')))
    cpSync(path.join(home, file), path.join(folder, 'dist', file));
  cpSync(
    path.join(root, 'node_modules/@lancedb/lancedb/RUST_THIRD_PARTY_LICENSES.html'),
    path.join(folder, 'THIRD_PARTY_NOTICES_LANCEDB.html'),
  );
  return readPackage(home);
}

/** What a user's VS Code needs of the manifest, and nothing that only this repository needs. */
function manifestForUsers() {
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  for (const key of [
    'scripts',
    'dependencies',
    'devDependencies',
    'optionalDependencies',
    'allowScripts',
    'type',
    'bin',
    'private',
  ])
    delete manifest[key];
  manifest.engines = { vscode: manifest.engines.vscode };
  return manifest;
}

function stage(folder, target) {
  const manifest = manifestForUsers();
  writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  for (const file of ['README.md', 'LICENSE', 'CHANGELOG.md', 'media'])
    if (existsSync(path.join(root, file)))
      cpSync(path.join(root, file), path.join(folder, file), { recursive: true });
  const dist = path.join(root, 'dist');
  cpSync(dist, path.join(folder, 'dist'), {
    recursive: true,
    filter: (from) =>
      !/^(vsix|test.*|meta.*\.json)$/.test(path.relative(dist, from)) && !/\.(map|vsix|node)$/.test(from),
  });
  const others = target === universal ? [] : [stageNative(folder, target)];
  const notices = thirdPartyNotices(readMetafile(dist), (one) => readPackage(path.join(root, one)), others);
  writeFileSync(path.join(folder, 'THIRD_PARTY_NOTICES.txt'), notices);
  return manifest;
}

function pack(target) {
  mkdirSync(flags.out, { recursive: true });
  const folder = mkdtempSync(path.join(tmpdir(), 'strata-package-'));
  try {
    const { name, version } = stage(folder, target);
    const file = path.join(flags.out, `${name}-${target}-${version}.vsix`);
    const args = [
      'package',
      '--no-dependencies',
      '--skip-license',
      '--out',
      path.join(folder, 'packed.vsix'),
    ];
    const platform = target === universal ? [] : ['--target', target];
    run(process.execPath, [path.join(root, 'node_modules/@vscode/vsce/vsce'), ...args, ...platform], folder);
    // Beside its final place first: whoever reads the file sees it whole.
    cpSync(path.join(folder, 'packed.vsix'), `${file}.${process.pid}`);
    renameSync(`${file}.${process.pid}`, file);
    console.log(`${target}: ${size(file)}`);
    console.log(`packed ${file}`);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

const wanted = (flags.target ?? allTargets).map((target) =>
  flags['or-universal'] && !allTargets.includes(target) ? universal : target,
);
const unknown = wanted.filter((target) => !allTargets.includes(target));
if (unknown.length > 0) fail(`no such target: ${unknown.join(', ')}. There are ${allTargets.join(', ')}.`);
if (!flags['no-build']) console.log(run(process.execPath, [path.join(root, 'esbuild.mjs')], root).trim());
if (!existsSync(path.join(root, 'dist', 'main.cjs')))
  fail('dist/main.cjs is missing: run `npm run build` first.');
try {
  for (const target of wanted) pack(target);
} catch (error) {
  fail(error.message);
}
