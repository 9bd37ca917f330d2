export type ChunkingKind = 'code' | 'markdown' | 'text';

/** The language by file name, as editors name it; undefined for anything not in the table. */
export function languageOf(path: string): string | undefined {
  return LANGUAGES.get(extensionOf(path));
}

export function chunkingKindOf(path: string): ChunkingKind {
  const extension = extensionOf(path);
  if (MARKDOWN.has(extension)) return 'markdown';
  return LANGUAGES.has(extension) ? 'code' : 'text';
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

const LANGUAGES = new Map<string, string>(
  Object.entries({
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
  }).flatMap(([language, extensions]) =>
    extensions.split(' ').map((extension) => [extension, language] as const),
  ),
);
