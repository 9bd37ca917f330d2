import { parseSettings, type SettingsMistake } from '../../settings-file/index.ts';
import type { Budgets } from '../budget.ts';
import type { ConfiguredDeployment, ConfiguredRoute, RouteConfig } from '../configured-deployment.ts';
import { routeConfigMistake } from '../errors.ts';
import {
  PROVIDERS,
  routeConfigSchema,
  type WrittenConfig,
  type WrittenDeployment,
  type WrittenRoute,
} from './schema.ts';

export function parseRouteConfig(text: string, file: string): RouteConfig {
  const written = parseSettings(text, routeConfigSchema, (mistake) =>
    routeConfigMistake(file, mistake.at.line, mistake.at.column, inWords(mistake)),
  );
  const routes = Object.entries(written.routes ?? {}).map(
    ([name, route]) => [name, routeOf(route, file)] as const,
  );
  return {
    file,
    routes: new Map(routes),
    budgets: budgetsOf(written.budgets),
    autoAsks: written.auto === 'model',
  };
}

function routeOf(written: WrittenRoute, file: string): ConfiguredRoute {
  if (Array.isArray(written)) return { file, strategy: 'ordered', deployments: written.map(normalise) };
  const { strategy = 'ordered', deployments, ...takeOver } = written;
  return { file, strategy, deployments: deployments.map(normalise), ...takeOver };
}

function normalise(written: WrittenDeployment): ConfiguredDeployment {
  if (typeof written === 'string') {
    const slash = written.indexOf('/');
    const provider = PROVIDERS.find((one) => one === written.slice(0, slash)) ?? 'openai';
    return { id: written, ...servedBy(provider), model: written.slice(slash + 1), weight: 1 };
  }
  const id = `${written.provider}/${written.model}`;
  return { id, weight: 1, ...written, ...servedBy(written.provider) };
}

/** Gemini and Groq are accounts with addresses of their own, and speak OpenAI's API. */
function servedBy(
  written: (typeof PROVIDERS)[number],
): Pick<ConfiguredDeployment, 'provider'> & { readonly account?: 'gemini' | 'groq' } {
  return written === 'gemini' || written === 'groq'
    ? { provider: 'openai', account: written }
    : { provider: written };
}

function budgetsOf(written: WrittenConfig['budgets']): Budgets {
  const { agents = {}, routes = {}, ...shared } = written ?? {};
  return { ...shared, agents: new Map(Object.entries(agents)), routes: new Map(Object.entries(routes)) };
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
