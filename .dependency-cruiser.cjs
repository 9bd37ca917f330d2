// The import table of ARCHITECTURE.md, for a program to check. A debt that is known and accepted gets a line of its own
// here, with its reason, rather than a comment that switches a rule off.

const SOURCE = '^extension/src';

/** Who may import what, by folder. Everything that is not named is forbidden. */
const layers = [
  { name: 'base', from: `${SOURCE}/base/`, may: [] },
  { name: 'protocol', from: `${SOURCE}/protocol/`, may: ['base'] },
  { name: 'core', from: `${SOURCE}/core/`, may: ['base', 'protocol'] },
  { name: 'node', from: `${SOURCE}/node/`, may: ['base', 'protocol', 'core'] },
  {
    name: 'vscode',
    from: `${SOURCE}/vscode/`,
    may: ['base', 'protocol', 'core', 'node', '(folder|folder-[a-z]+|doctor|version)[.]ts$'],
  },
  { name: 'cli', from: `${SOURCE}/cli/`, may: ['base', 'protocol', 'core', 'node', '[^/]+[.]ts$'] },
];

const importTable = layers.map(({ name, from, may }) => ({
  name: `${name}-imports`,
  comment: `${name} imports ${may.length === 0 ? 'nothing of ours' : may.join(', ')} and itself.`,
  severity: 'error',
  from: { path: from },
  to: {
    path: '^(extension|webview|mcp-servers|sandbox|scripts|test)/',
    pathNot: [name, ...may].map((layer) => `${SOURCE}/${layer.endsWith('$') ? layer : `${layer}/`}`),
  },
}));

/** Packages that are large to load, each with the only place that may know it. */
const heavy = [
  { packages: ['openai', '@anthropic-ai'], home: `${SOURCE}/node/providers/` },
  { packages: ['@pydantic/genai-prices'], home: `${SOURCE}/node/providers/` },
  {
    packages: ['dockerode', '@types/dockerode'],
    home: `${SOURCE}/node/docker/`,
  },
  {
    packages: ['tar-stream', '@types/tar-stream'],
    home: `${SOURCE}/node/(docker|embedders/transformers)/`,
  },
  { packages: ['web-tree-sitter'], home: `${SOURCE}/node/tree-sitter/` },
  { packages: ['@lancedb', 'apache-arrow'], home: `${SOURCE}/node/lancedb/` },
  { packages: ['@modelcontextprotocol'], home: `(${SOURCE}/node/(mcp|gateway)/|^mcp-servers/)` },
  { packages: ['@vscode/webview-ui-toolkit'], home: '^webview/src/toolkit[.]ts$' },
];

const heavyPackages = heavy.map(({ packages, home }) => ({
  name: `only-at-home-${packages[0].replace(/\W+/g, '-')}`,
  comment: `${packages.join(', ')} may be imported under ${home} only; elsewhere go through that folder's index.ts.`,
  severity: 'error',
  from: { path: '^(extension|webview|mcp-servers)/', pathNot: home },
  to: { path: packages.map((name) => `(^|/)${name}(/|$)`) },
}));

/** Folders whose code is loaded at first use: from outside they are reached by a dynamic import of their index.ts. */
const lazyFolders = [
  `${SOURCE}/node/docker/`,
  `${SOURCE}/node/mcp/`,
  `${SOURCE}/node/gateway/`,
  `${SOURCE}/node/otlp/`,
  `${SOURCE}/node/providers/openai/`,
  `${SOURCE}/node/providers/anthropic/`,
  `${SOURCE}/node/providers/prices/`,
  `${SOURCE}/node/embedders/transformers/`,
  `${SOURCE}/vscode/trace-panel/`,
  `${SOURCE}/vscode/metrics-panel/`,
  `${SOURCE}/vscode/compare-panel/`,
  `${SOURCE}/vscode/tools/`,
  `${SOURCE}/vscode/models/`,
  `${SOURCE}/vscode/alerts/`,
  `${SOURCE}/vscode/memory/`,
  `${SOURCE}/vscode/lent-tools/`,
  `${SOURCE}/vscode/chat/`,
  `${SOURCE}/vscode/agent-files/`,
  `${SOURCE}/vscode/replay-debugger/`,
  `${SOURCE}/folder[.]ts$`,
  `${SOURCE}/doctor[.]ts$`,
];

const lazyLoading = lazyFolders.map((folder) => ({
  name: `load-at-first-use-${folder.match(/\w+(?=\W*(ts)?\$?$)/)[0]}`,
  comment: `Reach ${folder} by \`await import('…/index.ts')\`, or by \`import type\`: its packages are heavy.`,
  severity: 'error',
  from: { path: `${SOURCE}/`, pathNot: folder },
  to: { path: folder, dependencyTypesNot: ['dynamic-import', 'type-only'] },
}));

module.exports = {
  forbidden: [
    ...importTable,
    ...heavyPackages,
    ...lazyLoading,
    {
      name: 'no-circular',
      comment: 'Two files that need each other are one file, or are missing a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'not-to-unresolvable',
      comment:
        'The import leads nowhere. What a benchmark or a test compares with is installed beside it when it runs.',
      severity: 'error',
      from: { pathNot: '^test/(bench/[^/]+/contenders|other-agents)/' },
      to: { couldNotResolve: true, pathNot: '^vscode$' },
    },
    {
      name: 'core-is-pure',
      comment:
        'core reaches the world through ports: no editor, no file system, no process, no network, no database.',
      severity: 'error',
      from: { path: `${SOURCE}/(base|protocol|core)/` },
      to: {
        path: [
          '(^|/)vscode(/|$)',
          '(^|/)@types/vscode(/|$)',
          '^(node:)?(fs|fs/promises|net|tls|http|https|http2|dgram|dns|child_process|worker_threads|cluster|sqlite|os)$',
        ],
      },
    },
    {
      name: 'vscode-stays-in-its-layer',
      comment: 'Only the adapters under vscode/ and main.ts know the editor.',
      severity: 'error',
      from: { path: '^(extension|webview|mcp-servers)/', pathNot: `${SOURCE}/(vscode/|main[.]ts$)` },
      to: { path: '(^vscode$|(^|/)@types/vscode(/|$))' },
    },
    {
      name: 'webview-imports',
      comment: 'The page sees the protocol and base, never the host.',
      severity: 'error',
      from: { path: '^webview/src/' },
      to: { path: '^(extension|mcp-servers|scripts|test)/', pathNot: `${SOURCE}/(protocol|base)/` },
    },
    {
      name: 'webview-runs-in-a-browser',
      comment: 'The page has no Node.',
      severity: 'error',
      from: { path: '^webview/src/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'server-is-self-contained',
      comment:
        'A server under mcp-servers/ sees npm packages, its own folder, and what all servers share: the files beside the folders.',
      severity: 'error',
      from: { path: '^mcp-servers/([^/]+)/' },
      to: {
        path: '^(extension|webview|mcp-servers|scripts|test)/',
        pathNot: '^mcp-servers/($1/|[^/]+[.]ts$)',
      },
    },
    {
      name: 'servers-share-no-server',
      comment: 'What the servers share knows none of them, and nothing else of ours.',
      severity: 'error',
      from: { path: '^mcp-servers/[^/]+[.]ts$' },
      to: {
        path: '^(extension|webview|mcp-servers|scripts|test)/',
        pathNot: '^mcp-servers/[^/]+[.]ts$',
      },
    },
    {
      name: 'forwarder-is-small',
      comment: 'What runs beside a server sees Node, its own folder, and how it speaks to the host.',
      severity: 'error',
      from: { path: '^sandbox/egress/' },
      to: {
        dependencyTypesNot: ['core'],
        pathNot: `^sandbox/egress/|${SOURCE}/node/docker/egress/(frames|multiplexer)[.]ts$`,
      },
    },
    {
      name: 'copier-is-small',
      comment: 'What carries files sees Node, its own folder, and what it shares with the host.',
      severity: 'error',
      from: { path: '^sandbox/files/' },
      to: {
        dependencyTypesNot: ['core'],
        pathNot: `^sandbox/files/|${SOURCE}/node/docker/remote/(frames|orders|place|tree)[.]ts$`,
      },
    },
    {
      name: 'product-knows-no-tests',
      comment: 'What ships imports neither tests nor scripts.',
      severity: 'error',
      from: { path: '^(extension|webview|mcp-servers|sandbox)/' },
      to: { path: '^(test|scripts)/' },
    },
    {
      name: 'no-dev-dependency-in-product',
      comment: 'The package stands under devDependencies, so what ships would lack it.',
      severity: 'error',
      from: { path: '^(extension|webview|mcp-servers)/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['type-only'],
        pathNot: '@types/',
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist[/.]|[.]cache/|test/fixtures/|esbuild[.]mjs$)' },
    tsPreCompilationDeps: true,
    detectJSDocImports: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.mjs', '.cjs', '.js', '.d.ts'],
    },
  },
};
