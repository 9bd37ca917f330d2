import type { ChunkKind } from '../memory.ts';

/** The language by file name, as editors name it; undefined for anything not in the table. */
export function languageOf(path: string): string | undefined {
  const extension = extensionOf(path);
  return CODE.get(extension) ?? OTHERS.get(extension);
}

export function kindOf(path: string): ChunkKind {
  const extension = extensionOf(path);
  if (extension === 'ipynb') return 'notebook';
  if (isProse(path)) return 'docs';
  if (CONFIG.has(extension) || CONFIG_NAME.test(path)) return 'config';
  return CODE.has(extension) ? 'code' : 'text';
}

export function isMarkdown(path: string): boolean {
  return MARKDOWN.has(extensionOf(path));
}

/** Prose may have a paragraph to a line, so the rule against long lines does not apply to it. */
export function isProse(path: string): boolean {
  const extension = extensionOf(path);
  return MARKDOWN.has(extension) || PROSE.has(extension);
}

function extensionOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1).toLowerCase();
}

const MARKDOWN = new Set(['md', 'mdx', 'markdown', 'mkd']);
const PROSE = new Set(['txt', 'rst', 'adoc', 'org', 'tex']);
const CONFIG = new Set(
  'json jsonc json5 webmanifest yaml yml toml ini cfg conf properties editorconfig env'.split(' '),
);
/** Configuration whose name has no ending that says so. */
const CONFIG_NAME = /(?:^|\/)\.(?:env(?:\.\w+)?|\w+rc)$/;

const CODE = byExtension({
  typescript: 'ts tsx mts cts',
  javascript: 'js jsx mjs cjs',
  vue: 'vue',
  svelte: 'svelte',
  python: 'py pyi',
  ruby: 'rb rake',
  go: 'go',
  rust: 'rs',
  java: 'java',
  kotlin: 'kt kts',
  scala: 'scala',
  swift: 'swift',
  csharp: 'cs',
  c: 'c h',
  cpp: 'cc cpp cxx hh hpp hxx ino',
  objectivec: 'm mm',
  php: 'php',
  dart: 'dart',
  lua: 'lua',
  elixir: 'ex exs',
  perl: 'pl pm',
  shell: 'sh bash zsh',
  powershell: 'ps1 psm1',
  zig: 'zig',
  css: 'css',
});

const OTHERS = byExtension({
  markdown: 'md mdx markdown mkd',
  restructuredtext: 'rst',
  json: 'json jsonc json5 webmanifest',
  yaml: 'yaml yml',
  toml: 'toml',
  ini: 'ini cfg',
  html: 'html htm',
  scss: 'scss sass',
  less: 'less',
  sql: 'sql',
  graphql: 'graphql gql',
  proto: 'proto',
});

function byExtension(names: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(names).flatMap(([language, extensions]) =>
      extensions.split(' ').map((extension) => [extension, language] as const),
    ),
  );
}
