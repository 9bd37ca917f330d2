import * as z from 'zod';
import { originOf } from '../keys.ts';
import { STRATEGIES } from '../route.ts';

export const PROVIDERS = ['openai', 'anthropic', 'gemini', 'groq', 'ollama', 'vscode', 'demo'] as const;
const SHORT = new RegExp(`^(${PROVIDERS.join('|')})/\\S+$`);

const baseUrl = z
  .string()
  .refine((url) => originOf(url) !== undefined, 'must be an http or https address')
  .refine(
    (url) => !URL.canParse(url) || (new URL(url).username === '' && new URL(url).search === ''),
    'must hold no password and no “?” part; name a key with "keyName" instead',
  );

const usdPerMillion = z.number().nonnegative('must not be below 0');

const price = z.strictObject({
  input: usdPerMillion,
  output: usdPerMillion,
  cacheRead: usdPerMillion.exactOptional(),
  cacheWrite: usdPerMillion.exactOptional(),
  cacheWrite1h: usdPerMillion.exactOptional(),
});

const DEPLOYMENT = `must be "provider/model" (provider: ${PROVIDERS.slice(0, -1).join(', ')} or demo) or an object with "provider" and "model"`;

const deployment = z.union(
  [
    z.string().regex(SHORT, DEPLOYMENT),
    z.strictObject({
      provider: z.enum(PROVIDERS),
      model: z.string().min(1, 'must name a model'),
      baseUrl: baseUrl.exactOptional(),
      keyName: z
        .string()
        .regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, 'must be made of letters, digits, “_” and “-”')
        .exactOptional(),
      api: z.enum(['responses', 'chat']).exactOptional(),
      weight: z.number().positive('must be above 0').exactOptional(),
      price: price.exactOptional(),
      contextWindow: z.int().positive('must be above 0').exactOptional(),
    }),
  ],
  DEPLOYMENT,
);

const deployments = z.array(deployment).min(1, 'must list at least one deployment');

const route = z.union(
  [
    deployments,
    z.strictObject({
      strategy: z.enum(STRATEGIES, `must be one of ${STRATEGIES.join(', ')}`).exactOptional(),
      deployments,
      onContextLength: z.string().exactOptional(),
      onContentPolicy: z.string().exactOptional(),
    }),
  ],
  'must be a list of deployments, or an object with "deployments"',
);

const limit = z
  .strictObject({
    usd: z.number().nonnegative('must not be below 0').exactOptional(),
    tokens: z.int().nonnegative('must not be below 0').exactOptional(),
  })
  .refine(({ usd, tokens }) => usd !== undefined || tokens !== undefined, 'must hold "usd" or "tokens"');

/** What `.strata/models.jsonc` holds, and the setting `strata.models.routes` under `routes`. */
export const routeConfigSchema = z.strictObject({
  $schema: z.string().exactOptional(),
  routes: z.record(z.string().min(1, 'must have a name'), route).exactOptional(),
  budgets: z
    .strictObject({
      run: limit.exactOptional(),
      day: limit.exactOptional(),
      workspace: limit.exactOptional(),
      agents: z.record(z.string(), limit).exactOptional(),
      routes: z.record(z.string(), limit).exactOptional(),
    })
    .exactOptional(),
  auto: z.enum(['rules', 'model'], 'must be "rules" or "model"').exactOptional(),
});

export type WrittenConfig = z.infer<typeof routeConfigSchema>;
export type WrittenRoute = z.infer<typeof route>;
export type WrittenDeployment = z.infer<typeof deployment>;
