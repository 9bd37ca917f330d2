import * as z from 'zod';
import { parseSettings, type SettingsMistake } from '../../settings-file/index.ts';
import { routeConfigMistake } from '../errors.ts';
import { originOf } from '../keys.ts';
import type { ConfiguredDeployment, RouteConfig } from '../configured-deployment.ts';

const provider = z.enum(['openai', 'anthropic', 'ollama', 'demo']);
const SHORT = /^(openai|anthropic|ollama|demo)\/\S+$/;

const baseUrl = z
  .string()
  .refine((url) => originOf(url) !== undefined, 'must be an http or https address')
  .refine(
    (url) => !URL.canParse(url) || (new URL(url).username === '' && new URL(url).search === ''),
    'must hold no password and no “?” part; name a key with "keyName" instead',
  );

const DEPLOYMENT =
  'must be "provider/model" (provider: openai, anthropic, ollama or demo) or an object with "provider" and "model"';

const deployment = z.union(
  [
    z.string().regex(SHORT, DEPLOYMENT),
    z.strictObject({
      provider,
      model: z.string().min(1, 'must name a model'),
      baseUrl: baseUrl.optional(),
      keyName: z
        .string()
        .regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, 'must be made of letters, digits, “_” and “-”')
        .optional(),
    }),
  ],
  DEPLOYMENT,
);

const schema = z.strictObject({
  $schema: z.string().optional(),
  routes: z.record(
    z.string().min(1, 'must have a name'),
    z.array(deployment).min(1, 'must list at least one deployment'),
  ),
});

export function parseRouteConfig(text: string, file: string): RouteConfig {
  const written = parseSettings(text, schema, (mistake) =>
    routeConfigMistake(file, mistake.at.line, mistake.at.column, inWords(mistake)),
  );
  const routes = Object.entries(written.routes).map(([route, list]) => [route, list.map(normalise)] as const);
  return { file, routes: new Map(routes) };
}

type Written = z.infer<typeof deployment>;

function normalise(written: Written): ConfiguredDeployment {
  if (typeof written === 'string') {
    const slash = written.indexOf('/');
    return {
      id: written,
      provider: provider.parse(written.slice(0, slash)),
      model: written.slice(slash + 1),
    };
  }
  return {
    id: `${written.provider}/${written.model}`,
    provider: written.provider,
    model: written.model,
    ...(written.baseUrl === undefined ? {} : { baseUrl: written.baseUrl }),
    ...(written.keyName === undefined ? {} : { keyName: written.keyName }),
  };
}

function inWords(mistake: SettingsMistake): string {
  if (mistake.kind === 'syntax') return sentence(mistake.code);
  return `${mistake.path === '' ? 'the file' : `“${mistake.path}”`} ${lower(mistake.message)}`;
}

function sentence(code: string): string {
  return code.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
