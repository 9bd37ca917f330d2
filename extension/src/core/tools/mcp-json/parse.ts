import * as z from 'zod';
import type { Mistake } from '../../definition-file/index.ts';
import { inOrder, suggest } from '../../definition-file/index.ts';
import { readJsonc, type JsoncText } from '../../settings-file/index.ts';
import type { FileMistake } from '../file-mistake.ts';
import { serverNameMistake } from '../server-names.ts';
import { ENTRY_KEYS, entrySchema, type McpEntry } from './schema.ts';

/** `.mcp.json`, or settings of the same form. */
export interface McpFile {
  readonly file: string;
  /** Those without a mistake, in the order of the file. */
  readonly servers: readonly { readonly name: string; readonly entry: McpEntry }[];
  readonly mistakes: readonly FileMistake[];
  /** Of a member of a server's entry, such as `['env', 'TOKEN']`. */
  readonly rangeOf: (server: string, path?: readonly (string | number)[]) => FileMistake['range'];
}

/** Under which name servers stand: `.mcp.json` has the first, the editor's own `mcp.json` the second. */
const SECTIONS = ['mcpServers', 'servers'] as const;

const section = z.record(z.string(), z.unknown(), 'must be an object of servers by their names');

/** Reads the text as far as it can be read: what is wrong with one server leaves the others alone. */
export function readMcpJson(text: string, file: string): McpFile {
  const jsonc = readJsonc(text);
  const whole = jsonc.valueAt([]);
  const name = SECTIONS.find((one) => jsonc.keysAt([]).includes(one)) ?? 'mcpServers';
  const rangeOf: McpFile['rangeOf'] = (server, path = []) => jsonc.rangeAt([name, server, ...path]);
  const failed = (mistakes: readonly Mistake[]): McpFile => ({
    file,
    servers: [],
    mistakes: mistakes.map((mistake) => ({ ...mistake, file })),
    rangeOf,
  });
  if (jsonc.syntax.length > 0) return failed(jsonc.syntax);
  if (typeof whole !== 'object' || whole === null || Array.isArray(whole))
    return failed(
      jsonc.check(z.looseObject({}, 'must be an object with "mcpServers"'), [], () => []).mistakes,
    );
  if (jsonc.valueAt([name]) === undefined) return failed([]);
  const known = jsonc.check(section, [name], () => []);
  if (!known.data) return failed(known.mistakes);

  const servers: { name: string; entry: McpEntry }[] = [];
  const mistakes: FileMistake[] = [];
  for (const server of new Set(jsonc.keysAt([name]))) {
    const path = [name, server];
    const found = mistakesOf(jsonc, path, server);
    const read = jsonc.check(entrySchema, path, () => ENTRY_KEYS);
    mistakes.push(...[...found, ...read.mistakes].map((mistake) => ({ ...mistake, file, server })));
    const wrong = found.some(({ severity }) => severity === 'error');
    if (read.data && !wrong) servers.push({ name: server, entry: read.data });
  }
  return { file, servers, mistakes: inOrder(mistakes) as readonly FileMistake[], rangeOf };
}

/** What a schema that lets unknown keys be cannot say. */
function mistakesOf(jsonc: JsoncText, path: readonly string[], server: string): readonly Mistake[] {
  const found: Mistake[] = [];
  const add = (
    below: readonly string[],
    message: string,
    more: Partial<Pick<Mistake, 'severity' | 'code' | 'replacement'>> = {},
  ): void => {
    const at = [...path, ...below];
    found.push({
      code: 'wrong-value',
      severity: 'error',
      message: `"${at.join('.')}" ${message}`,
      range: jsonc.rangeAt(at),
      ...more,
    });
  };
  const wrongName = serverNameMistake(server);
  if (wrongName !== undefined) add([], wrongName);
  const keys = jsonc.keysAt(path);
  if (keys.length > 0 && !keys.includes('command') && !keys.includes('url'))
    add([], 'must have "command" or "url"');
  if (keys.includes('command') && keys.includes('url')) add(['url'], 'must not stand beside "command"');
  for (const key of keys.filter((one) => !ENTRY_KEYS.includes(one))) {
    const replacement = suggest(key, ENTRY_KEYS);
    if (replacement === undefined || keys.includes(replacement)) continue;
    add([key], `is not known here. Did you mean “${replacement}”?`, {
      ...{ severity: 'warning', code: 'unknown-key', replacement },
    });
  }
  return found;
}
