import type { Mistake, Path } from '../../definition-file/index.ts';
import { inOrder } from '../../definition-file/index.ts';
import { readJsonc, type JsoncText } from '../../settings-file/index.ts';
import { toolPolicyMistake } from '../errors.ts';
import { placeOf, type FileMistake } from '../file-mistake.ts';
import { NO_SETTINGS, type ServerSettings, type ToolSettings } from '../server-settings.ts';
import { FILE_KEYS, RULE_KEYS, rulesSchema, SERVER_KEYS, serverSchema } from './schema.ts';

export interface ToolsFile {
  readonly file: string;
  readonly settings: ToolSettings;
  readonly mistakes: readonly FileMistake[];
  /** It cannot be read at all, so nobody knows what it says about which server. */
  readonly broken: boolean;
  /** Where what it says about a server stands. */
  readonly placeOf: (server: string) => FileMistake['range'];
}

/** Reads the text of `.strata/tools.jsonc` as far as it can be read: what is wrong with one server leaves the others alone. */
export function readToolsFile(text: string, file: string): ToolsFile {
  const jsonc = readJsonc(text);
  const own = (mistake: Mistake): FileMistake => ({ ...mistake, file });
  const range = (server: string): FileMistake['range'] => jsonc.rangeAt(['servers', server]);
  if (jsonc.syntax.length > 0)
    return { file, settings: NO_SETTINGS, mistakes: jsonc.syntax.map(own), broken: true, placeOf: range };
  const rules = jsonc.check(rulesSchema, [], keysOfRules);
  const servers = readServers(jsonc, file);
  const { $schema: _, servers: _all, ...read } = rules.data ?? NO_SETTINGS_FILE;
  return {
    file,
    settings: { ...NO_SETTINGS, ...read, servers: servers.settings },
    mistakes: inOrder([...rules.mistakes.map(own), ...servers.mistakes]) as readonly FileMistake[],
    broken: false,
    placeOf: range,
  };
}

/** As `readToolsFile`, for a run: it throws one error with line and column for the first mistake. */
export function parseToolPolicy(text: string, file: string): ToolSettings {
  const { settings, mistakes } = readToolsFile(text, file);
  const [first] = mistakes;
  if (first) throw toolPolicyMistake(file, placeOf(first), first.message.replace(/\.$/, ''));
  return settings;
}

const NO_SETTINGS_FILE = { $schema: undefined, ...NO_SETTINGS };

function readServers(
  jsonc: JsoncText,
  file: string,
): { readonly settings: Record<string, ServerSettings>; readonly mistakes: readonly FileMistake[] } {
  const settings: Record<string, ServerSettings> = {};
  const mistakes: FileMistake[] = [];
  for (const server of new Set(jsonc.keysAt(['servers']))) {
    const read = jsonc.check(serverSchema, ['servers', server], () => SERVER_KEYS);
    if (read.data) settings[server] = read.data;
    mistakes.push(...read.mistakes.map((mistake) => ({ ...mistake, file, server })));
  }
  return { settings, mistakes };
}

function keysOfRules(path: Path): readonly string[] {
  const [section] = path;
  return section === undefined ? FILE_KEYS : (RULE_KEYS[section] ?? []);
}
