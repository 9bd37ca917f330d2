import * as vscode from 'vscode';
import type { NewServer, Sandbox } from '../../../core/tools/index.ts';
import { enter } from '../prompts/text-input.ts';
import { pick, type Step } from '../prompts/quick-pick.ts';
import {
  nameMistake,
  readHosts,
  readSecretNames,
  readSource,
  suggestName,
  type NewSource,
  type SourceKind,
} from './read-source.ts';

/** What a person said of a server: what is written to the files, and what is not. */
export interface AskedServer {
  readonly server: NewServer;
  readonly secrets: ReadonlyMap<string, string>;
}

interface Answers {
  readonly kind?: SourceKind;
  readonly text?: string;
  readonly name?: string;
  readonly files?: Sandbox['files'];
  readonly hosts?: string;
  readonly secretNames?: string;
  readonly values?: ReadonlyMap<string, string>;
}

type Ask = (
  answers: Answers,
  step: Step,
  back: boolean,
) => Promise<{ readonly answers: Answers } | 'back' | undefined>;

const TITLE = 'Add MCP Server';

/**
 * Asks for a new server, one thing after the other; each prompt leads back to the one before with what was answered there.
 * Undefined when the person closed one.
 */
export async function askServer(taken: readonly string[]): Promise<AskedServer | undefined> {
  let answers: Answers = {};
  let at = 0;
  for (;;) {
    const asks = asksFor(answers, taken);
    const ask = asks[at];
    if (!ask) break;
    const answered = await ask(answers, { number: at + 1, of: asks.length }, at > 0);
    if (!answered) return undefined;
    if (answered === 'back') at -= 1;
    else {
      answers = answered.answers;
      at += 1;
    }
  }
  const source = sourceOf(answers);
  if (!source || answers.name === undefined) return undefined;
  return {
    server: { name: answers.name, source, sandbox: sandboxOf(answers) },
    // Of the names as they are now: a person may have gone back and changed them.
    secrets: new Map(
      secretNamesIn(answers.secretNames).flatMap((secret) => {
        const value = answers.values?.get(secret);
        return value === undefined ? [] : [[secret, value] as const];
      }),
    ),
  };
}

/** A server elsewhere has no sandbox to ask about. */
function asksFor({ kind, secretNames }: Answers, taken: readonly string[]): readonly Ask[] {
  const name: Ask = (answers, step, back) => askName(answers, step, back, taken);
  if (kind === 'http') return [askKind, askSource, name];
  const values = secretNamesIn(secretNames).map((secret) => askValue(secret));
  return [askKind, askSource, name, askFiles, askHosts, askSecretNames, ...values];
}

function sourceOf({ kind, text }: Answers): NewSource | undefined {
  const read = kind === undefined || text === undefined ? undefined : readSource(kind, text);
  return read && 'source' in read ? read.source : undefined;
}

function sandboxOf({ kind, files = 'none', hosts = '', secretNames }: Answers): Partial<Sandbox> {
  if (kind === 'http') return {};
  const read = readHosts(hosts);
  const network = 'hosts' in read ? read.hosts : [];
  const secrets = secretNamesIn(secretNames);
  return {
    ...(files === 'none' ? {} : { files }),
    ...(network.length > 0 ? { network } : {}),
    ...(secrets.length > 0 ? { secrets } : {}),
  };
}

function secretNamesIn(text = ''): readonly string[] {
  const read = readSecretNames(text);
  return 'names' in read ? read.names : [];
}

const askKind: Ask = async (answers, step) => {
  const items: readonly (vscode.QuickPickItem & { readonly value: SourceKind })[] = [
    {
      value: 'npm',
      label: 'npm package',
      iconPath: new vscode.ThemeIcon('package'),
      detail: 'Installed into an image of its own; nothing of it is installed on this machine',
    },
    {
      value: 'image',
      label: 'Docker image',
      iconPath: new vscode.ThemeIcon('vm'),
      detail: 'Pulled from its registry, and pinned to what was pulled',
    },
    {
      value: 'dockerfile',
      label: 'Dockerfile',
      iconPath: new vscode.ThemeIcon('file-code'),
      detail: 'Built from a Dockerfile of this folder',
    },
    {
      value: 'command',
      label: 'Command',
      iconPath: new vscode.ThemeIcon('terminal'),
      detail: 'A program of the base image, or a script of this folder',
    },
    {
      value: 'http',
      label: 'HTTP address',
      iconPath: new vscode.ThemeIcon('globe'),
      detail: 'A server that runs elsewhere; it signs you in where it asks for that',
    },
  ];
  const active = items.find(({ value }) => value === answers.kind);
  const picked = await pick({
    ...{ title: TITLE, placeholder: 'What is the server made of?', items, active, step },
    matchOnDetail: true,
  });
  if (picked?.kind !== 'item') return undefined;
  const kind = picked.item.value;
  // What was typed for another kind is none of this one.
  return { answers: kind === answers.kind ? answers : { kind } };
};

const SOURCES: Readonly<Record<SourceKind, { readonly prompt: string; readonly placeholder: string }>> = {
  npm: {
    prompt: 'The package, with a version if it is to stay at one, and the server’s arguments',
    placeholder: '@modelcontextprotocol/server-memory',
  },
  image: { prompt: 'The image, and the server’s arguments', placeholder: 'mcp/fetch' },
  dockerfile: {
    prompt: 'The Dockerfile, or the folder that holds it',
    placeholder: 'tools/server/Dockerfile',
  },
  command: {
    prompt: 'The command that starts the server on its standard input',
    placeholder: 'node tools/server.js',
  },
  http: { prompt: 'The address of its MCP endpoint', placeholder: 'https://mcp.example.com/mcp' },
};

const askSource: Ask = async (answers, step, back) => {
  const kind = answers.kind ?? 'npm';
  const entered = await enter({
    ...{ title: TITLE, ...SOURCES[kind], value: answers.text ?? (await firstDockerfile(kind)), step, back },
    check: (text) => {
      const read = readSource(kind, text);
      return 'mistake' in read ? read.mistake : undefined;
    },
  });
  if (entered?.kind === 'text') return { answers: { ...answers, text: entered.text } };
  return entered && 'back';
};

async function firstDockerfile(kind: SourceKind): Promise<string> {
  if (kind !== 'dockerfile') return '';
  const [found] = await vscode.workspace.findFiles('**/Dockerfile', '**/node_modules/**', 1);
  return found ? vscode.workspace.asRelativePath(found, false) : '';
}

async function askName(
  answers: Answers,
  step: Step,
  back: boolean,
  taken: readonly string[],
): ReturnType<Ask> {
  const source = sourceOf(answers);
  const entered = await enter({
    ...{ title: TITLE, prompt: 'Its name, which its tools’ names begin with', step, back },
    value: answers.name ?? (source ? suggestName(source, taken) : ''),
    check: (text) => nameMistake(text, taken),
  });
  if (entered?.kind === 'text') return { answers: { ...answers, name: entered.text } };
  return entered && 'back';
}

const askFiles: Ask = async (answers, step, back) => {
  const items: readonly (vscode.QuickPickItem & { readonly value: Sandbox['files'] })[] = [
    {
      value: 'none',
      label: 'No files',
      iconPath: new vscode.ThemeIcon('circle-slash'),
      detail: 'It sees nothing of this folder',
    },
    {
      value: 'read',
      label: 'Read the run’s copy',
      iconPath: new vscode.ThemeIcon('eye'),
      detail: 'It sees a copy of this folder, and cannot change it',
    },
    {
      value: 'write',
      label: 'Change the run’s copy',
      iconPath: new vscode.ThemeIcon('edit'),
      detail: 'What it changes is reviewed with the run’s other changes',
    },
  ];
  const active = items.find(({ value }) => value === (answers.files ?? 'none'));
  const placeholder = 'Which files may it have?';
  const picked = await pick({ title: TITLE, placeholder, items, active, step, back });
  if (picked?.kind === 'item') return { answers: { ...answers, files: picked.item.value } };
  return picked && 'back';
};

const askHosts: Ask = async (answers, step, back) => {
  const entered = await enter({
    ...{ title: TITLE, value: answers.hosts ?? '', step, back },
    prompt: 'Hosts that it may reach, with commas between; empty for no network at all',
    placeholder: 'api.github.com, *.npmjs.org',
    check: (text) => {
      const read = readHosts(text);
      return 'mistake' in read ? read.mistake : undefined;
    },
  });
  if (entered?.kind === 'text') return { answers: { ...answers, hosts: entered.text } };
  return entered && 'back';
};

const askSecretNames: Ask = async (answers, step, back) => {
  const entered = await enter({
    ...{ title: TITLE, value: answers.secretNames ?? '', step, back },
    prompt: 'Names of secrets that it gets as environment variables; empty for none',
    placeholder: 'GITHUB_TOKEN',
    check: (text) => {
      const read = readSecretNames(text);
      return 'mistake' in read ? read.mistake : undefined;
    },
  });
  if (entered?.kind === 'text') return { answers: { ...answers, secretNames: entered.text } };
  return entered && 'back';
};

function askValue(secret: string): Ask {
  return async (answers, step, back) => {
    const entered = await enter({
      ...{ title: TITLE, password: true, value: answers.values?.get(secret) ?? '', step, back },
      prompt: `The value of ${secret}. It is kept in the system’s secret storage, and given to this server alone. Empty: set it later.`,
    });
    if (entered?.kind !== 'text') return entered && 'back';
    const others = [...(answers.values ?? [])].filter(([name]) => name !== secret);
    const value: readonly [string, string][] = entered.text === '' ? [] : [[secret, entered.text]];
    return { answers: { ...answers, values: new Map([...others, ...value]) } };
  };
}
