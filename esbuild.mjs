// Builds everything that ships into dist/. `--watch` builds again on each change, `--metafile` keeps esbuild's report.
import { build, context } from 'esbuild';
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { serverBundles, serverNames } from './mcp-servers/bundle.mjs';
import { panelBundle } from './webview/bundle.mjs';

const root = path.dirname(fileURLToPath(import.meta.url));
const source = path.join(root, 'extension/src');
const dist = path.join(root, 'dist');
const watch = process.argv.includes('--watch');
const target = watch ? dist : `${dist}.${process.pid}`;

/**
 * A bundle for each part that must not be loaded before its first use. Wherever the sources say `import('…')` of one of
 * these files, the bundle says `require('./<name>.cjs')`.
 */
const lazy = {
  folder: 'folder.ts',
  doctor: 'doctor.ts',
  docker: 'node/docker/index.ts',
  mcp: 'node/mcp/index.ts',
  gateway: 'node/gateway/index.ts',
  otlp: 'node/otlp/index.ts',
  openai: 'node/providers/openai/index.ts',
  anthropic: 'node/providers/anthropic/index.ts',
  prices: 'node/providers/prices/index.ts',
  panel: 'vscode/trace-panel/index.ts',
  'metrics-panel': 'vscode/metrics-panel/index.ts',
  'compare-panel': 'vscode/compare-panel/index.ts',
  'choose-runs': 'vscode/choose-shown-runs.ts',
  tools: 'vscode/tools/index.ts',
  models: 'vscode/models/index.ts',
  alerts: 'vscode/alerts/index.ts',
  memory: 'vscode/memory/index.ts',
  'lent-tools': 'vscode/lent-tools/index.ts',
  chat: 'vscode/chat/index.ts',
  'editor-models': 'vscode/editor-models/index.ts',
  'lent-models': 'vscode/lent-models/index.ts',
  compare: 'core/orchestration/compare/index.ts',
  recordings: 'node/recordings/index.ts',
  'local-model': 'node/embedders/transformers/index.ts',
  'replay-tests': 'vscode/replay-tests/index.ts',
  'agent-files': 'vscode/agent-files/index.ts',
  'replay-debugger': 'vscode/replay-debugger/index.ts',
};

const entries = {
  main: 'main.ts',
  cli: 'cli.ts',
  'memory-child': 'node/lancedb/child.ts',
  'memory-cutter': 'node/tree-sitter/worker.ts',
  reaper: 'node/docker/reaper/main.ts',
  ...lazy,
};

const lazyImports = {
  name: 'lazy-imports',
  setup(builder) {
    const byPath = new Map(Object.entries(lazy).map(([name, file]) => [path.join(source, file), name]));
    builder.onResolve({ filter: /\.ts$/ }, (args) => {
      if (args.kind !== 'dynamic-import') return undefined;
      const name = byPath.get(path.resolve(args.resolveDir, args.path));
      return name ? { path: `./${name}.cjs`, external: true } : undefined;
    });
  },
};

/** Of the manifest a program reads its own version alone; the rest would be a third of the command line. */
const versionOnly = {
  name: 'version-only',
  setup(builder) {
    const manifest = path.join(root, 'package.json');
    builder.onLoad({ filter: /package\.json$/ }, ({ path: file }) => {
      if (file !== manifest) return undefined;
      const { version } = JSON.parse(readFileSync(file, 'utf8'));
      return { contents: JSON.stringify({ version }), loader: 'json' };
    });
  },
};

/** The words that an editor's task waits for. */
const progress = {
  name: 'progress',
  setup(builder) {
    builder.onStart(() => console.log('building'));
    builder.onEnd(() => console.log('watching'));
  },
};

const shared = {
  bundle: true,
  minify: !watch,
  sourcemap: watch ? 'inline' : false,
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
};

const extension = {
  ...shared,
  entryPoints: Object.fromEntries(
    Object.entries(entries).map(([name, file]) => [name, path.join(source, file)]),
  ),
  outdir: target,
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
  platform: 'node',
  target: 'node22',
  // jsonc-parser's CommonJS form requires its parts in a way that cannot be bundled.
  mainFields: ['module', 'main'],
  // Its module form makes itself a `require`, which hides the one that its own dynamic imports become here.
  alias: { 'web-tree-sitter': path.join(root, 'node_modules/web-tree-sitter/web-tree-sitter.cjs') },
  // A dynamic import becomes require(), so that the bundles that were loaded stand in require.cache.
  supported: { 'dynamic-import': false },
  define: { 'import.meta.url': '__importMetaUrl', 'import.meta.dirname': '__dirname' },
  banner: { js: "const __importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
  external: ['vscode', '*.node', 'cpu-features', '@lancedb/lancedb-*', '@huggingface/transformers'],
  plugins: [lazyImports, versionOnly],
};

const webview = { ...panelBundle(path.join(target, 'webview')), ...shared };

const servers = { ...serverBundles(path.join(target, 'mcp-servers')), ...shared };

/** ES modules that run in Node by themselves. */
const modules = {
  ...shared,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  outExtension: { '.js': '.mjs' },
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
};

/** The thread of a local model imports its runtime, which are ES modules, from where they were downloaded to. */
const thread = {
  ...modules,
  entryPoints: { 'embedding-thread': path.join(source, 'node/embedders/transformers/worker.ts') },
  outdir: target,
};

/** What runs in containers beside the servers. */
const sandboxNames = ['egress', 'files'];
const sandbox = {
  ...modules,
  entryPoints: Object.fromEntries(
    sandboxNames.map((name) => [`${name}/server`, path.join(root, 'sandbox', name, 'src/server.ts')]),
  ),
  outdir: path.join(target, 'sandbox'),
};

/** Compiled grammars, as they are; the notices name the packages that they are from. */
const grammars = {
  entryPoints: [
    'web-tree-sitter/web-tree-sitter.wasm',
    'tree-sitter-c/tree-sitter-c.wasm',
    '@tree-sitter-grammars/tree-sitter-lua/tree-sitter-lua.wasm',
    ...[
      'bash',
      'c-sharp',
      'cpp',
      'css',
      'go',
      'java',
      'javascript',
      'php',
      'powershell',
      'python',
      'ruby',
      'rust',
    ],
    ...['tsx', 'typescript'],
  ].map((name) =>
    path.join(
      root,
      'node_modules',
      name.includes('/') ? name : `@vscode/tree-sitter-wasm/wasm/tree-sitter-${name}.wasm`,
    ),
  ),
  loader: { '.wasm': 'copy' },
  entryNames: '[name]',
  outdir: path.join(target, 'grammars'),
  logLevel: 'warning',
  metafile: true,
};

const jobs = [extension, webview, servers, sandbox, grammars, thread];
if (watch) {
  prepare();
  for (const job of jobs) {
    await (await context({ ...job, plugins: [...(job.plugins ?? []), progress] })).watch();
  }
} else {
  prepare();
  const results = await Promise.all(jobs.map((job) => build(job)));
  const outputs = Object.fromEntries(
    results
      .flatMap(({ metafile }) => Object.entries(metafile.outputs))
      // As they are called when the folder has its name.
      .map(([file, output]) => [file.replace(/^dist\.\d+\//, 'dist/'), output]),
  );
  writeFileSync(path.join(target, 'metafile.json'), JSON.stringify({ outputs }));
  // What runs from the last build keeps its files until this one is whole.
  rmSync(dist, { recursive: true, force: true });
  renameSync(target, dist);
}

function prepare() {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  // The project is an ES module package, and what esbuild writes here is not.
  writeFileSync(path.join(target, 'package.json'), '{ "type": "commonjs" }\n');
  const withDockerfile = [
    ...serverNames.map((name) => `mcp-servers/${name}`),
    ...sandboxNames.map((name) => `sandbox/${name}`),
  ];
  for (const folder of withDockerfile) {
    mkdirSync(path.join(target, folder), { recursive: true });
    copyFileSync(path.join(root, folder, 'Dockerfile'), path.join(target, folder, 'Dockerfile'));
  }
}
