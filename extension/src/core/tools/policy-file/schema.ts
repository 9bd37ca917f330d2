import * as z from 'zod';
import type { ServerSettings } from '../server-settings.ts';

const toolPattern = z
  .string()
  .regex(/^[A-Za-z0-9_*-]+$/, 'must be the name of a tool, or a pattern with "*"');

const DECISIONS = 'must be "allow", "ask" or "deny"';
const decision = z.enum(['allow', 'ask', 'deny'], DECISIONS);
const argumentRule = z.strictObject(
  {
    arguments: z.record(
      z.string().min(1, 'must be the name of an argument'),
      z.union(
        [z.string(), z.array(z.string('must be a text')).min(1, 'must name at least one pattern')],
        'must be a pattern, or a list of patterns',
      ),
      'must be an object of arguments such as "command": "git push*"',
    ),
    decision,
  },
  `must be "allow", "ask" or "deny", or an object with "arguments" and "decision"`,
);
const approval = z.record(
  toolPattern,
  z.union(
    [decision, z.array(z.union([decision, argumentRule], DECISIONS)).min(1, 'must have at least one rule')],
    `${DECISIONS}, or a list of rules`,
  ),
  'must be an object of rules such as "shell_run": "ask"',
);

const cache = z.record(
  toolPattern,
  z.union(
    [z.boolean(), z.strictObject({ seconds: seconds(7 * 24 * 3600) }, 'must be an object with "seconds"')],
    'must be true, false, or an object such as { "seconds": 600 }',
  ),
  'must be an object such as "web_fetch": { "seconds": 600 }',
);

const limit = z.strictObject(
  {
    calls: whole(1, 1_000_000),
    seconds: seconds(30 * 24 * 3600),
    burst: whole(1, 1_000_000).exactOptional(),
    scope: z.enum(['run', 'folder', 'user'], 'must be "run", "folder" or "user"').default('user'),
    when: z.enum(['wait', 'refuse'], 'must be "wait" or "refuse"').default('wait'),
    waitSeconds: seconds(15 * 60).exactOptional(),
  },
  'must be an object such as { "calls": 10, "seconds": 60 }',
);
const rate = z.record(
  toolPattern,
  z.union(
    [limit.transform((one) => [one]), z.array(limit).min(1, 'must have at least one limit')],
    'must be an object such as { "calls": 10, "seconds": 60 }, or a list of them',
  ),
  'must be an object such as "web_fetch": { "calls": 10, "seconds": 60 }',
);

const catalogue = z.strictObject({ tokens: whole(0, 1_000_000) }, 'must be an object with "tokens"');

/** What the file says beside the servers, which are looked at one by one. */
export const rulesSchema = z.strictObject(
  {
    $schema: z.string().exactOptional(),
    approval: approval.default({}),
    cache: cache.default({}),
    rate: rate.default({}),
    catalogue: catalogue.exactOptional(),
    servers: z.record(z.string(), z.unknown(), 'must be an object of servers by their names').default({}),
  },
  'must be an object',
);

const environmentName = z
  .string('must be the name of an environment variable')
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable');
const flag = z.boolean('must be true or false');
const size = z
  .string('must be a size such as "512m" or "2g"')
  .regex(/^\d+(\.\d+)?\s*[kmg]i?b?$/i, 'must be a size such as "512m" or "2g"')
  .transform(bytesOf)
  .refine((bytes) => bytes >= MEBIBYTE && bytes <= 2 ** 40, 'must be from "1m" to "1024g"');

/** Keys and units are those that people write; what they become is a part of the sandbox. */
export const serverSchema: z.ZodType<ServerSettings> = z
  .strictObject(
    {
      enabled: flag.exactOptional(),
      trusted: flag.exactOptional(),
      image: z.string('must be the name of an image').min(1, 'must be the name of an image').exactOptional(),
      dockerfile: z
        .string('must be the path of a Dockerfile, or of a folder with one')
        .min(1, 'must be the path of a Dockerfile, or of a folder with one')
        .exactOptional(),
      network: z
        .array(
          z
            .string('must be a host such as "api.github.com"')
            .regex(
              /^(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/i,
              'must be a host such as "api.github.com", "*.npmjs.org" or "example.com:8443"',
            ),
          'must be a list of hosts such as ["api.github.com", "*.npmjs.org"]',
        )
        .exactOptional(),
      files: z.enum(['none', 'read', 'write'], 'must be "none", "read" or "write"').exactOptional(),
      secrets: z.array(environmentName, 'must be a list of names of environment variables').exactOptional(),
      environment: z
        .record(environmentName, z.string('must be a text'), 'must be an object of texts')
        .exactOptional(),
      memory: size.exactOptional(),
      cpus: z
        .number('must be a number of CPUs such as 1 or 0.5')
        .min(0.05, 'must be at least 0.05')
        .max(256, 'must be at most 256')
        .exactOptional(),
      processes: whole(1, 65_536).exactOptional(),
      openFiles: whole(32, 1_048_576).exactOptional(),
      temporary: size.exactOptional(),
      callSeconds: seconds(24 * 3600).exactOptional(),
      idleMinutes: z
        .number('must be a number of minutes')
        .positive('must be more than 0')
        .max(7 * 24 * 60, 'must be at most a week')
        .exactOptional(),
    },
    'must be an object such as { "network": ["api.github.com"] }',
  )
  .refine(({ image, dockerfile }) => image === undefined || dockerfile === undefined, {
    error: 'must be one of "image" and "dockerfile", not both',
  })
  .transform(({ memory, temporary, callSeconds, idleMinutes, ...rest }): ServerSettings => {
    const { enabled, trusted, image, dockerfile, ...sandbox } = rest;
    return {
      ...(enabled === undefined ? {} : { enabled }),
      ...(trusted === undefined ? {} : { trusted }),
      ...(image === undefined ? {} : { image }),
      ...(dockerfile === undefined ? {} : { dockerfile }),
      sandbox: {
        ...sandbox,
        ...(memory === undefined ? {} : { memoryBytes: memory }),
        ...(temporary === undefined ? {} : { temporaryBytes: temporary }),
        ...(callSeconds === undefined ? {} : { callMs: callSeconds * 1000 }),
        ...(idleMinutes === undefined ? {} : { idleMs: idleMinutes * 60_000 }),
      },
    };
  });

export const SERVER_KEYS = [
  'enabled',
  'trusted',
  'image',
  'dockerfile',
  'network',
  'files',
  'secrets',
  'environment',
  'memory',
  'cpus',
  'processes',
  'openFiles',
  'temporary',
  'callSeconds',
  'idleMinutes',
];
export const FILE_KEYS = ['$schema', 'approval', 'cache', 'rate', 'catalogue', 'servers'];
export const RULE_KEYS: Readonly<Record<string, readonly string[]>> = {
  approval: ['arguments', 'decision'],
  cache: ['seconds'],
  rate: ['calls', 'seconds', 'burst', 'scope', 'when', 'waitSeconds'],
  catalogue: ['tokens'],
};

const MEBIBYTE = 1024 ** 2;

function bytesOf(text: string): number {
  const [, number = '', unit = ''] = /^([\d.]+)\s*([kmg])/i.exec(text) ?? [];
  const factor = { k: 1024, m: MEBIBYTE, g: 1024 ** 3 }[unit.toLowerCase()] ?? 1;
  return Math.round(Number(number) * factor);
}

function whole(least: number, most: number) {
  const words = `must be a whole number from ${least} to ${most}`;
  return z.number(words).int(words).min(least, words).max(most, words);
}

function seconds(most: number) {
  const words = `must be a number of seconds, at most ${most}`;
  return z.number(words).positive(words).max(most, words);
}
