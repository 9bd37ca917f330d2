import { didYouMean, inOrder, suggest } from '../../definition-file/index.ts';
import type { FileMistake } from '../file-mistake.ts';
import type { McpFile } from '../mcp-json/index.ts';
import type { ToolsFile } from '../policy-file/index.ts';
import type { ServerDefinition, ServerOrigin } from '../server-definition.ts';
import type { ServerSettings } from '../server-settings.ts';
import { definitionOf } from './from-entry.ts';

export interface DefinitionSources {
  /** Of the folder. */
  readonly mcpJson?: McpFile;
  readonly toolsFile?: ToolsFile;
  /** Of the user's own settings, in the same form. */
  readonly userSettings?: McpFile;
  readonly builtIn: readonly ServerDefinition[];
}

export interface Definitions {
  /** Built-in ones first, then those of the folder, then the user's, each in the order of its file. */
  readonly definitions: readonly ServerDefinition[];
  /** Of all files, those of each in its order. A server with an error among them is not one of the definitions. */
  readonly mistakes: readonly FileMistake[];
}

/** All servers of a folder, and what is wrong with those that cannot be used. */
export function definitionsFrom(sources: DefinitionSources): Definitions {
  const { mcpJson, toolsFile, userSettings, builtIn } = sources;
  const settings = toolsFile?.settings.servers ?? {};
  const mistakes: FileMistake[] = [
    ...(toolsFile?.mistakes ?? []),
    ...(mcpJson?.mistakes ?? []),
    ...(userSettings?.mistakes ?? []),
  ];
  const definitions = builtIn.map((definition) => withSettings(definition, settings[definition.name]));
  const users = new Set((userSettings?.servers ?? []).map(({ name }) => name));
  const wrong = new Set((toolsFile?.mistakes ?? []).flatMap(({ server }) => server ?? []));

  const add = (file: McpFile, origin: ServerOrigin): void => {
    for (const { name, entry } of file.servers) {
      const found = definitionOf(name, entry, settings[name], { origin, file: file.file });
      for (const { at, message, severity } of found.mistakes) {
        mistakes.push({
          ...{ code: severity === 'error' ? 'wrong-value' : 'note', severity, file: file.file, server: name },
          message: `"${['mcpServers', name, ...at].join('.')}" ${message}`,
          range: file.rangeOf(name, at),
        });
      }
      // With what the file forbids or allows it unknown, nothing about it may be guessed.
      if (found.definition && !wrong.has(name) && !toolsFile?.broken) definitions.push(found.definition);
    }
  };
  if (mcpJson) {
    const shadowed = mcpJson.servers.filter(({ name }) => users.has(name));
    for (const { name } of shadowed) {
      mistakes.push({
        ...{ code: 'twice', severity: 'warning', file: mcpJson.file, server: name },
        message: `"mcpServers.${name}" is not used: the user's settings have a server of this name`,
        range: mcpJson.rangeOf(name),
      });
    }
    add({ ...mcpJson, servers: mcpJson.servers.filter(({ name }) => !users.has(name)) }, 'workspace');
  }
  if (userSettings) add(userSettings, 'user');

  if (toolsFile) {
    const known = [
      ...builtIn.map(({ name }) => name),
      ...[mcpJson, userSettings].flatMap((file) => [
        ...(file?.servers ?? []).map(({ name }) => name),
        ...(file?.mistakes ?? []).flatMap(({ server }) => server ?? []),
      ]),
    ];
    mistakes.push(...unknownServers(toolsFile, Object.keys(settings), known));
  }
  return { definitions, mistakes: inFiles(mistakes) };
}

function withSettings(definition: ServerDefinition, settings: ServerSettings | undefined): ServerDefinition {
  if (!settings) return definition;
  const { enabled, trusted, image, dockerfile, sandbox } = settings;
  return {
    ...definition,
    ...(enabled === undefined ? {} : { enabled }),
    ...(trusted === undefined ? {} : { trusted }),
    ...(image === undefined ? {} : { source: { kind: 'image', image, arguments: [] } }),
    ...(dockerfile === undefined ? {} : { source: { kind: 'dockerfile', path: dockerfile, arguments: [] } }),
    sandbox: { ...definition.sandbox, ...sandbox },
  };
}

function unknownServers(
  { file, placeOf }: ToolsFile,
  named: readonly string[],
  known: readonly string[],
): readonly FileMistake[] {
  return named
    .filter((name) => !known.includes(name))
    .map((name) => {
      const replacement = suggest(name, known);
      const meant = didYouMean(replacement);
      return {
        ...{ code: 'unknown-server', severity: 'warning', file, server: name },
        message: `"servers.${name}" is no server here${meant === '' ? '' : `.${meant}`}`,
        range: placeOf(name),
        ...(replacement === undefined ? {} : { replacement }),
      };
    });
}

function inFiles(mistakes: readonly FileMistake[]): readonly FileMistake[] {
  return [...Map.groupBy(mistakes, ({ file }) => file).values()].flatMap(
    (own) => inOrder(own) as readonly FileMistake[],
  );
}
