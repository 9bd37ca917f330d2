import { readYaml } from '../../core/definition-file/index.ts';
import {
  AGENT_KEYS,
  EDGE_KEYS,
  FORM_KEYS,
  NODE_KEYS,
  splitFrontMatter,
  WORKFLOW_KEYS,
  type KeyHelp,
} from '../../core/orchestration/agent-file/index.ts';
import { cursorIn, type Cursor } from './cursor.ts';

export type FileKind = 'agent' | 'workflow';

/** What can be named in a file, with what is to be said of it. */
export interface KnownNames {
  readonly agents: ReadonlyMap<string, string>;
  readonly tools: readonly string[];
  readonly routes: readonly string[];
}

export interface Suggestion {
  readonly label: string;
  readonly kind: 'key' | 'value';
  /** In the editor's notation for snippets. */
  readonly snippet: string;
  readonly about?: string;
}

export interface Suggestions {
  /** What is typed of the word already, to be replaced. */
  readonly word: string;
  readonly items: readonly Suggestion[];
}

const NOTHING: Suggestions = { word: '', items: [] };

/** What may stand at a place. Line and character from 0. */
export function suggestionsAt(
  kind: FileKind,
  text: string,
  place: { readonly line: number; readonly character: number },
  known: KnownNames,
): Suggestions {
  const before = yamlBefore(kind, text, place);
  if (before === undefined) return NOTHING;
  const ids = kind === 'workflow' ? nodeIds(text) : [];
  const template = /\{\{\s*([\w.-]*)$/.exec(before)?.[1];
  if (kind === 'workflow' && template !== undefined) {
    return { word: template, items: values(['task', 'item', ...ids.map((id) => `${id}.answer`)]) };
  }
  const cursor = cursorIn(before);
  const keys = cursor.place === 'value' ? undefined : keysAt(kind, cursor.path);
  const names = cursor.place === 'key' ? [] : valuesAt(kind, cursor.path, known, ids);
  return { word: cursor.word, items: [...names, ...keyItems(keys ?? {})] };
}

/** What a word means: a key, or an agent. `place` is its end. */
export function meaningOf(
  kind: FileKind,
  text: string,
  place: { readonly line: number; readonly character: number },
  known: KnownNames,
): string | undefined {
  const before = yamlBefore(kind, text, place);
  if (before === undefined) return undefined;
  const { path, place: where, word } = cursorIn(before);
  const help =
    where === 'value' ? undefined : Object.entries(keysAt(kind, path) ?? {}).find(([key]) => key === word);
  if (help) return keyText(help[1]);
  const isName = where !== 'key' && valuesAt(kind, path, known, []).some(({ label }) => label === word);
  const about = isName ? known.agents.get(word) : undefined;
  return about === undefined ? undefined : `**${word}**: ${about || 'an agent without a description'}`;
}

/** The YAML up to a place; undefined outside of it, such as in a prompt. */
function yamlBefore(
  kind: FileKind,
  text: string,
  { line, character }: { readonly line: number; readonly character: number },
): string | undefined {
  const { yaml, yamlLine } =
    kind === 'agent' ? splitFrontMatter(text) : { yaml: text.replace(/\r\n/g, '\n'), yamlLine: 0 };
  const lines = yaml.split('\n');
  const at = line - yamlLine;
  if (at < 0 || at > lines.length || (kind === 'agent' && yamlLine === 0)) return undefined;
  return [...lines.slice(0, at), (lines[at] ?? '').slice(0, character)].join('\n');
}

type Keys = Readonly<Record<string, KeyHelp>>;

function keysAt(kind: FileKind, path: Cursor['path']): Keys | undefined {
  if (kind === 'agent') return path.length === 0 ? AGENT_KEYS : undefined;
  const [top, , form] = path;
  if (path.length === 0) return WORKFLOW_KEYS;
  if (top === 'edges') return path.length === 1 ? EDGE_KEYS : undefined;
  if (top !== 'nodes') return undefined;
  if (path.length === 2) return NODE_KEYS;
  const forms: Readonly<Record<string, Keys>> = FORM_KEYS;
  return path.length === 3 && form !== undefined && Object.hasOwn(forms, form) ? forms[form] : undefined;
}

function valuesAt(
  kind: FileKind,
  path: Cursor['path'],
  known: KnownNames,
  ids: readonly string[],
): Suggestion[] {
  const key = path.at(-1) ?? '';
  const agents = [...known.agents].map(([label, about]) => ({ ...value(label), about }));
  if (kind === 'agent') {
    if (path.length !== 1) return [];
    if (key === 'route') return values(known.routes);
    if (key === 'tools') return values([...serversOf(known.tools), ...known.tools]);
    if (key === 'agents' || key === 'handOvers') return agents;
    if (key === 'isolation') return values(['copy', 'workspace']);
    return key === 'memory' ? values(['true', 'false']) : [];
  }
  if (path[0] === 'edges') {
    if (path.length === 1 || key === 'from' || key === 'to') return values(ids);
    return key === 'when' ? [...ids.flatMap(conditions), value('else')] : [];
  }
  if (path[0] !== 'nodes') return [];
  if (path.length === 3 && key === 'agent') return agents;
  if (path.length !== 4) return [];
  if (key === 'over') return values(ids.map((id) => `${id}.answer`));
  return ['agent', 'author', 'critic', 'chair', 'members'].includes(key) ? agents : [];
}

function conditions(id: string): Suggestion[] {
  const text = `${id}.answer contains "APPROVED"`;
  return [
    { label: text, kind: 'value', snippet: `${id}.answer contains "\${1:APPROVED}"` },
    { label: `not ${text}`, kind: 'value', snippet: `not ${id}.answer contains "\${1:APPROVED}"` },
    value(`${id}.outcome is "failed"`),
  ];
}

/** A server's tools by one pattern: `files_*`. */
function serversOf(tools: readonly string[]): string[] {
  return [...new Set(tools.map((tool) => `${tool.slice(0, tool.indexOf('_'))}_*`))];
}

function values(labels: readonly string[]): Suggestion[] {
  return labels.map(value);
}

function value(label: string): Suggestion {
  return { label, kind: 'value', snippet: label };
}

function keyItems(keys: Keys): Suggestion[] {
  return Object.entries(keys).map(([label, help]) => ({
    label,
    kind: 'key',
    snippet: `${label}:${help.snippet.startsWith('\n') ? '' : ' '}${help.snippet}`,
    about: keyText(help),
  }));
}

function keyText({ about, otherwise }: KeyHelp): string {
  return otherwise === undefined ? about : `${about}\n\nWithout it: ${otherwise}.`;
}

function nodeIds(text: string): string[] {
  return readYaml(text.replace(/\r\n/g, '\n'), 0)
    .keysAt(['nodes'])
    .map(({ key }) => key);
}
