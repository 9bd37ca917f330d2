import type { NewServer, Sandbox } from '../core/tools/index.ts';
import type { Arguments } from './arguments.ts';
import { usageError } from './arguments.ts';

const USAGE =
  'strata tools add <name> --npm PACKAGE | --image IMAGE | --dockerfile PATH | --url URL | --command PROGRAM [-- ARGUMENTS]';

/** The server that the words after `tools add` describe. */
export function newServer(given: Arguments): NewServer {
  const [, name, ...rest] = given.positionals;
  if (name === undefined) throw usageError(`The server needs a name: ${USAGE}.`);
  return { name, source: sourceOf(given, rest), sandbox: sandboxOf(given) };
}

function sourceOf(given: Arguments, rest: readonly string[]): NewServer['source'] {
  const { npm, image, dockerfile, url, program } = given.server;
  const named = [npm, image, dockerfile, url, program].filter((one) => one !== undefined);
  if (named.length !== 1) throw usageError(`Say what the server is, once: ${USAGE}.`);
  if (npm !== undefined) return { kind: 'npm', package: npm, arguments: rest };
  if (image !== undefined) return { kind: 'image', image, arguments: rest };
  if (dockerfile !== undefined) return { kind: 'dockerfile', path: dockerfile, arguments: rest };
  if (program !== undefined) return { kind: 'command', command: program, arguments: rest };
  return { kind: 'http', url: url ?? '', headers: {} };
}

function sandboxOf({ server }: Arguments): Partial<Sandbox> {
  const { network, secrets, environment, files } = server;
  return {
    ...(network.length > 0 ? { network } : {}),
    ...(secrets.length > 0 ? { secrets } : {}),
    ...(files === undefined ? {} : { files }),
    ...(environment.length > 0 ? { environment: Object.fromEntries(environment.map(pair)) } : {}),
  };
}

function pair(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at <= 0) throw usageError(`--env takes NAME=VALUE, not "${text}".`);
  return [text.slice(0, at), text.slice(at + 1)];
}
