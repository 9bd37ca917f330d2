import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isStrataError, messageOf, StrataError } from '../../base/errors.ts';
import type { Json } from '../../base/json.ts';
import { BUILT_IN_SERVERS } from '../../core/tools/built-in-servers.ts';
import { placeOf, serverNameMistake } from '../../core/tools/index.ts';
import type { NewServer, ServerDefinition } from '../../core/tools/index.ts';
import { readSettings } from '../read-settings.ts';
import { serverDefinedElsewhere, serverNameTaken, serverNameWrong } from './errors.ts';

export interface FolderDefinitions {
  readonly definitions: readonly ServerDefinition[];
  /** Sentences with file, line and column. */
  readonly mistakes: readonly string[];
}

/** The files of a folder that say which servers there are and what they may do. */
export interface DefinitionFiles {
  read(): Promise<FolderDefinitions>;
  /** Writes the server into them. The answer takes it out again, with everything else as it was. */
  add(server: NewServer): Promise<() => Promise<void>>;
  remove(definition: ServerDefinition): Promise<void>;
  setEnabled(definition: ServerDefinition, enabled: boolean): Promise<void>;
}

const MCP_FILE = '.mcp.json';
const TOOLS_FILE = '.strata/tools.jsonc';
const USER_SETTINGS = 'strata.tools.servers';

export function openDefinitionFiles(folder: string, userServers: () => Json | undefined): DefinitionFiles {
  const mcpFile = path.join(folder, MCP_FILE);
  const toolsFile = path.join(folder, TOOLS_FILE);

  const read = async (): Promise<FolderDefinitions> => {
    const core = await import('../../core/tools/definitions/index.ts');
    const [mcpText, settings] = await Promise.all([
      textOf(mcpFile),
      readSettings(folder, 'tools.jsonc', core.readToolsFile),
    ]);
    const user = userServers();
    const { definitions, mistakes } = core.definitionsFrom({
      builtIn: BUILT_IN_SERVERS,
      ...(mcpText === undefined ? {} : { mcpJson: core.readMcpJson(mcpText, MCP_FILE) }),
      ...(settings ? { toolsFile: settings } : {}),
      ...(user === undefined
        ? {}
        : { userSettings: core.readMcpJson(JSON.stringify({ mcpServers: user }), USER_SETTINGS) }),
    });
    return {
      definitions,
      mistakes: mistakes.map((one) => `${one.file}:${placeOf(one)}: ${one.message}.`),
    };
  };

  const writeBoth = async (
    mcp: string | undefined,
    tools: string | undefined,
  ): Promise<() => Promise<void>> => {
    const before = await Promise.all([textOf(mcpFile), textOf(toolsFile)]);
    const undo = async (): Promise<void> => {
      await putBack(mcpFile, before[0]);
      await putBack(toolsFile, before[1]);
    };
    try {
      if (mcp !== undefined) await replace(mcpFile, mcp);
      if (tools !== undefined) await replace(toolsFile, tools);
      return undo;
    } catch (error) {
      await undo();
      throw isStrataError(error) ? error : notWritten(error);
    }
  };

  return {
    read,
    add: async (server) => {
      const mistake = serverNameMistake(server.name);
      if (mistake !== undefined) throw serverNameWrong(server.name, mistake);
      const { definitions } = await read();
      if (definitions.some(({ name }) => name === server.name)) throw serverNameTaken(server.name);
      const core = await import('../../core/tools/definitions/index.ts');
      const { mcp, settings } = core.entriesFor(server);
      const mcpText = (await textOf(mcpFile)) ?? '';
      const toolsText = (await textOf(toolsFile)) ?? '';
      const hasSettings = Object.keys(settings).length > 0;
      return writeBoth(
        core.withMcpServer(mcpText, server.name, mcp),
        hasSettings ? core.withServerSettings(toolsText, server.name, settings) : undefined,
      );
    },
    remove: async ({ name, origin }) => {
      if (origin !== 'workspace') throw serverDefinedElsewhere(name, whereIs(origin));
      const core = await import('../../core/tools/definitions/index.ts');
      const [mcpText, toolsText] = await Promise.all([textOf(mcpFile), textOf(toolsFile)]);
      await writeBoth(
        mcpText === undefined ? undefined : core.withMcpServer(mcpText, name, undefined),
        toolsText === undefined ? undefined : core.withServerSettings(toolsText, name, undefined),
      );
    },
    setEnabled: async ({ name }, enabled) => {
      const core = await import('../../core/tools/definitions/index.ts');
      const text = (await textOf(toolsFile)) ?? '';
      await writeBoth(undefined, core.withServerSetting(text, name, 'enabled', enabled));
    },
  };
}

function whereIs(origin: ServerDefinition['origin']): string {
  switch (origin) {
    case 'built-in':
      return 'in Strata itself';
    case 'user':
      return `in your settings (${USER_SETTINGS})`;
    case 'editor':
      return 'in the editor';
    case 'workspace':
      return `in ${MCP_FILE}`;
  }
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw new StrataError(
      'settings-unreadable',
      `${path.basename(file)} cannot be read: ${messageOf(error)}.`,
      'Check its permissions.',
      { cause: error },
    );
  }
}

/** Whole or not at all: another program may read it at any moment. */
async function replace(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const fresh = `${file}.${process.pid}.new`;
  try {
    await writeFile(fresh, text);
    await rename(fresh, file);
  } finally {
    await rm(fresh, { force: true });
  }
}

async function putBack(file: string, text: string | undefined): Promise<void> {
  if (text === undefined) await rm(file, { force: true });
  else await replace(file, text);
}

function notWritten(error: unknown): StrataError {
  return new StrataError(
    'settings-unwritable',
    `${MCP_FILE} or ${TOOLS_FILE} cannot be written: ${messageOf(error)}.`,
    'Check the permissions of the folder, and that its disk is not full.',
    { cause: error },
  );
}
