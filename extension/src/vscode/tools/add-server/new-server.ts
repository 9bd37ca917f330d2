import * as z from 'zod';
import { StrataError } from '../../../base/errors.ts';
import type { JsonObject } from '../../../base/json.ts';
import type { NewServer } from '../../../core/tools/index.ts';
import { nameMistake } from './read-source.ts';

const texts = z.array(z.string()).readonly();
const named = z.record(z.string(), z.string());
const source = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('npm'),
    package: z.string().min(1),
    binary: z.string().exactOptional(),
    arguments: texts.default([]),
  }),
  z.strictObject({
    kind: z.literal('image'),
    image: z.string().min(1),
    entrypoint: texts.exactOptional(),
    arguments: texts.default([]),
  }),
  z.strictObject({ kind: z.literal('dockerfile'), path: z.string().min(1), arguments: texts.default([]) }),
  z.strictObject({ kind: z.literal('command'), command: z.string().min(1), arguments: texts.default([]) }),
  z.strictObject({ kind: z.literal('http'), url: z.url(), headers: named.default({}) }),
]);
const count = z.int().positive();
const sandbox = z.strictObject({
  network: texts.exactOptional(),
  files: z.enum(['none', 'read', 'write']).exactOptional(),
  secrets: texts.exactOptional(),
  environment: named.exactOptional(),
  memoryBytes: count.exactOptional(),
  cpus: z.number().positive().exactOptional(),
  processes: count.exactOptional(),
  openFiles: count.exactOptional(),
  temporaryBytes: count.exactOptional(),
  callMs: count.exactOptional(),
  idleMs: count.exactOptional(),
});
const newServer = z.strictObject({ name: z.string(), source, sandbox: sandbox.default({}) });

/** The server that a command was given, as an object with `name`, `source` and `sandbox`. */
export function readNewServer(given: JsonObject): NewServer {
  const parsed = newServer.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw newServerMistake(`"${issue?.path.join('.') ?? ''}": ${issue?.message ?? 'it is not valid'}`);
  }
  const mistake = nameMistake(parsed.data.name, []);
  if (mistake !== undefined) throw newServerMistake(`"name": ${mistake}`);
  return parsed.data;
}

function newServerMistake(what: string): StrataError {
  return new StrataError(
    'new-server',
    `The server that was given is not valid: ${what}.`,
    'Give an object such as { "name": "memory", "source": { "kind": "npm", "package": "@modelcontextprotocol/server-memory" } }.',
  );
}
