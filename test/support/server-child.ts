import { Client, type CallToolResult } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { serverArguments } from './build-servers.ts';

export interface ServerChild {
  readonly client: Client;
  readonly pid: number;
  /** The result as one text: images as `<type>`, an error begins with `! `. */
  say(tool: string, args?: Record<string, unknown>): Promise<string>;
  call(tool: string, args: Record<string, unknown>, options?: CallOptions): Promise<CallToolResult>;
  /** Closes its standard input and waits until it has ended. */
  end(): Promise<void>;
}

interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onOutput?: (text: string) => void;
}

export interface ChildOptions {
  /** Holds `<server>/server.mjs`. */
  readonly folder: string;
  readonly root?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly arguments?: readonly string[];
  /** Default: its file. */
  readonly way?: 'file' | 'snapshot';
}

/** A built server as a plain child process, spoken to by the SDK's own client. It is ended with the test. */
export async function openServer(
  t: TestContext,
  name: string,
  { folder, root = folder, environment = {}, arguments: more = [], way = 'file' }: ChildOptions,
): Promise<ServerChild> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [...serverArguments(folder, name, way), ...more],
    env: { PATH: process.env['PATH'] ?? '', STRATA_ROOT: root, ...environment },
    cwd: root,
  });
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(transport);
  const pid = transport.pid ?? 0;
  const end = async () => {
    await client.close();
    await gone(pid);
  };
  t.after(end);
  const call: ServerChild['call'] = (tool, args, { signal, onOutput } = {}) =>
    client.callTool(
      { name: tool, arguments: args },
      {
        timeout: 60_000,
        ...(signal ? { signal } : {}),
        onprogress: ({ message }) => onOutput?.(message ?? ''),
      },
    );
  return { client, pid, call, end, say: async (tool, args = {}) => asText(await call(tool, args)) };
}

/** A temporary folder with files in it, which is removed with the test. Its name has a space and letters beyond ASCII. */
export function folderOf(t: TestContext, files: Readonly<Record<string, string>>): string {
  const parent = mkdtempSync(join(tmpdir(), 'strata-server-'));
  t.after(() => rmSync(parent, { recursive: true, force: true }));
  const folder = join(parent, 'my projekt ü 日本');
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

export function asText({ content, isError }: CallToolResult): string {
  const text = content
    .map((part) =>
      part.type === 'text' ? part.text : part.type === 'image' ? `<${part.mimeType}>` : part.type,
    )
    .join('\n');
  return isError === true ? `! ${text}` : text;
}

/** Waits until a process has ended; fails when it has not within the limit. */
export async function gone(pid: number, limitMs = 10_000): Promise<void> {
  for (let waited = 0; waited < limitMs; waited += 50) {
    if (!isAlive(pid)) return;
    await delay(50);
  }
  throw new Error(`Process ${pid} is still there.`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A process that nobody has collected yet has ended all the same.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false; // Nobody by that number.
  }
}

/** Says why a test is skipped when a program that it needs is missing. */
export function missing(t: TestContext, ...programs: readonly string[]): boolean {
  const folders = (process.env['PATH'] ?? '').split(':');
  const absent = programs.filter((name) => !folders.some((folder) => existsSync(join(folder, name))));
  if (absent.length > 0) t.skip(`needs ${absent.join(', ')}`);
  return absent.length > 0;
}
