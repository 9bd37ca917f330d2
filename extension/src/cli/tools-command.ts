import type { Json, JsonObject } from '../base/json.ts';
import { serverStateJson } from '../core/tools/tool-host.ts';
import type { ServerState, SetUpOptions, ToolHost } from '../core/tools/index.ts';
import type { StrataFolder } from '../folder.ts';
import type { Arguments } from './arguments.ts';
import { usageError } from './arguments.ts';
import { EXIT } from './exit.ts';
import { inFolder } from './host.ts';
import { newServer } from './new-server.ts';
import type { Perform } from './perform.ts';
import { ink, safeLine, safeText } from './style.ts';
import type { Terminal } from './terminal.ts';

const LIMIT_MS = 15 * 60_000;

type Work = (
  folder: StrataFolder,
  given: Arguments,
  terminal: Terminal,
  options: SetUpOptions,
) => Promise<number>;

/** `tools` alone lists; a word after it says what to do with a server. */
export const tools: Perform = (given, terminal) => {
  const [word] = given.positionals;
  const work = word === undefined ? list : works.get(word);
  if (!work) throw usageError(`"tools ${word}" is none of: tools ${[...works.keys()].join(', tools ')}.`);
  return inFolder(given, terminal, (folder) =>
    work(folder, given, terminal, {
      signal: AbortSignal.timeout(LIMIT_MS),
      onProgress: (text) => {
        if (!given.json) terminal.complain(safeText(text));
      },
      agreed: given.yes,
    }),
  );
};

const list: Work = async (folder, given, terminal, { signal, onProgress }) => {
  const catalogue = await folder.tools(signal, onProgress);
  const servers = await folder.toolHost.servers();
  if (given.json) {
    terminal.print(JSON.stringify({ ...catalogue, servers: servers.map(serverStateJson) }));
    return EXIT.done;
  }
  for (const { name, effect, description } of catalogue.tools)
    terminal.print(
      `${ink(terminal.out, 'bold', name.padEnd(18))} ${effect.padEnd(10)} ${safeLine(description.split('\n')[0] ?? '')}`,
    );
  for (const state of servers) printUnready(state, terminal);
  for (const note of catalogue.notes) terminal.complain(safeText(note));
  return EXIT.done;
};

function printUnready(state: ServerState, terminal: Terminal): void {
  const { definition, status, problem, heldBack } = state;
  if (status !== 'ready' && status !== 'running')
    terminal.print(
      `${ink(terminal.out, 'bold', definition.name.padEnd(18))} ${status}${problem ? `: ${safeLine(`${problem.message} ${problem.action ?? ''}`)}` : ''}`,
    );
  for (const { name, reason } of heldBack)
    terminal.print(`${safeLine(name).padEnd(18)} held back: ${safeLine(reason)}`);
}

const setUp: Work = async ({ toolHost }, given, terminal, options) => {
  const named = given.positionals.slice(1);
  const wanted = named.length > 0 ? named : await notSetUp(toolHost);
  if (wanted.length === 0) terminal.print('Every server is set up.');
  for (const name of wanted) report(await toolHost.setUp(name, options), given, terminal);
  return EXIT.done;
};

async function notSetUp(host: ToolHost): Promise<readonly string[]> {
  const states = await host.servers();
  return states.filter(({ status }) => status === 'not-set-up').map(({ definition }) => definition.name);
}

const add: Work = async ({ toolHost }, given, terminal, options) => {
  report(await toolHost.add(newServer(given), options), given, terminal);
  return EXIT.done;
};

const remove: Work = async ({ toolHost }, given, terminal) => {
  const name = serverName(given);
  await toolHost.remove(name);
  done(given, terminal, `${name} was removed.`, { removed: name });
  return EXIT.done;
};

const enabling =
  (enabled: boolean): Work =>
  async ({ toolHost }, given, terminal) => {
    const name = serverName(given);
    await toolHost.setEnabled(name, enabled);
    done(given, terminal, `${name} is ${enabled ? 'on' : 'off'}.`, { name, enabled });
    return EXIT.done;
  };

const call: Work = async ({ toolHost }, given, terminal, { signal }) => {
  const [, tool, text = '{}'] = given.positionals;
  if (tool === undefined) throw usageError('Say which tool: strata tools call <tool> \'{"…": …}\'.');
  const { run, result } = await toolHost.call(tool, argumentsIn(text), {
    signal,
    onOutput: (piece) => {
      if (!given.json) terminal.complain(safeText(piece.replace(/\n$/, '')));
    },
  });
  if (given.json) terminal.print(JSON.stringify({ run, ...result }));
  else
    for (const part of result.content)
      terminal.print(part.type === 'text' ? safeText(part.text) : `[an image: ${part.mimeType}]`);
  return result.isError ? EXIT.failed : EXIT.done;
};

const works: ReadonlyMap<string, Work> = new Map([
  ['setup', setUp],
  ['add', add],
  ['remove', remove],
  ['enable', enabling(true)],
  ['disable', enabling(false)],
  ['call', call],
]);

function serverName(given: Arguments): string {
  const name = given.positionals[1];
  if (name === undefined)
    throw usageError(`Say which server: strata tools ${given.positionals[0]} <server>.`);
  return name;
}

function argumentsIn(text: string): JsonObject {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (error) {
    throw usageError(`The arguments are no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw usageError('The arguments of a tool are one JSON object.');
  return value as JsonObject;
}

function report(state: ServerState, given: Arguments, terminal: Terminal): void {
  const { definition, status, tools: listed, problem } = state;
  done(
    given,
    terminal,
    [
      `${definition.name}: ${status}${problem ? `: ${problem.message} ${problem.action ?? ''}` : ''}`,
      ...listed.map(({ name }) => `  ${name}`),
      ...state.heldBack.map(({ name, reason }) => `  ${name} is held back: ${reason}`),
    ].join('\n'),
    serverStateJson(state),
  );
}

function done(given: Arguments, terminal: Terminal, text: string, value: Json): void {
  terminal.print(given.json ? JSON.stringify(value) : safeText(text));
}
