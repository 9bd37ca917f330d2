import { StrataError } from '../../base/errors.ts';

export function serverUnknown(name: string, known: readonly string[]): StrataError {
  return new StrataError(
    'tool-server-unknown',
    `There is no MCP server “${name}” here.`,
    `There are: ${known.join(', ')}. “Strata: Add MCP Server…” or \`strata tools add\` adds one.`,
  );
}

export function serverNotSetUp(name: string): StrataError {
  return new StrataError(
    'tool-server-not-set-up',
    `The MCP server ${name} is not set up on this machine.`,
    `Set it up in the view “Tools”, or with \`strata tools setup ${name}\`.`,
  );
}

export function serverChanged(name: string): StrataError {
  return new StrataError(
    'tool-server-changed',
    `The definition of the MCP server ${name} is another one than the one that was agreed to.`,
    `Look at it and set it up again, in the view “Tools” or with \`strata tools setup ${name}\`.`,
  );
}

export function setUpRefused(name: string): StrataError {
  return new StrataError(
    'tool-server-refused',
    `The MCP server ${name} was not set up, because nobody agreed to what it may do.`,
    `Agree when you are asked; in a terminal without a person, \`strata tools setup ${name} --yes\` agrees.`,
  );
}

export function secretMissing(name: string, secrets: readonly string[]): StrataError {
  const [first = ''] = secrets;
  return new StrataError(
    'tool-server-secret',
    `The MCP server ${name} needs ${secrets.length === 1 ? `the secret ${first}` : `the secrets ${secrets.join(', ')}`}.`,
    'Give it with “Strata: Set Secret of MCP Server…”; in a terminal it is the environment variable that `strata tools setup` names.',
  );
}

export function folderNotTrusted(name: string): StrataError {
  return new StrataError(
    'tool-server-untrusted',
    `The MCP server ${name} does not start, because this folder is not trusted.`,
    'Trust the folder first (“Workspaces: Manage Workspace Trust”).',
  );
}

export function serverNameTaken(name: string): StrataError {
  return new StrataError(
    'tool-server-name',
    `There is an MCP server “${name}” already.`,
    'Choose another name, or remove that one first.',
  );
}

/** `mistake` is a clause, such as `must begin with a letter`. */
export function serverNameWrong(name: string, mistake: string): StrataError {
  return new StrataError(
    'tool-server-name',
    `“${name}” cannot be the name of an MCP server: it ${mistake}.`,
    'Choose another name.',
  );
}

export function serverDefinedElsewhere(name: string, where: string): StrataError {
  return new StrataError(
    'tool-server-elsewhere',
    `The MCP server ${name} is defined ${where}.`,
    'Change it there; `enabled: false` in `.strata/tools.jsonc` turns a server off.',
  );
}

export function noHostAllowed(): StrataError {
  return new StrataError(
    'tool-server-no-host',
    'The server web may reach no host yet.',
    'List the hosts that agents may read from in `.strata/tools.jsonc`: { "servers": { "web": { "network": ["example.com"] } } }.',
  );
}
