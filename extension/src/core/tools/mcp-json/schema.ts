import * as z from 'zod';

/** One server as other programs write it, too. They know keys that Strata does not, so unknown ones are let be. */
export const entrySchema = z.object(
  {
    type: z
      .enum(['stdio', 'http', 'streamable-http', 'streamableHttp', 'sse'], 'must be "stdio" or "http"')
      .exactOptional(),
    command: z.string('must be a program').min(1, 'must be a program').exactOptional(),
    args: z.array(z.string('must be a text'), 'must be a list of texts').exactOptional(),
    env: z
      .record(
        z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable'),
        z.union([z.string(), z.number(), z.boolean(), z.null()], 'must be a text'),
        'must be an object of texts',
      )
      .exactOptional(),
    cwd: z.string('must be a path').exactOptional(),
    envFile: z.string('must be a path').exactOptional(),
    url: z.string('must be an address').exactOptional(),
    headers: z.record(z.string(), z.string('must be a text'), 'must be an object of texts').exactOptional(),
    disabled: z.boolean('must be true or false').exactOptional(),
  },
  'must be an object with "command" or "url"',
);

export type McpEntry = z.infer<typeof entrySchema>;

export const ENTRY_KEYS = ['type', 'command', 'args', 'env', 'cwd', 'envFile', 'url', 'headers', 'disabled'];
