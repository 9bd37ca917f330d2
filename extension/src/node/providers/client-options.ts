import { isFromEnvironment, type Deployment } from '../../core/models/index.ts';

/**
 * Options that both SDKs are built with: no retries (the router does them), no logging, and no redirects, which would carry
 * a key in `x-api-key` to another server. The time limits are ours; the SDK's own is set out of their way.
 */
export const CLIENT_OPTIONS = {
  maxRetries: 0,
  timeout: 24 * 60 * 60_000,
  logLevel: 'off',
  fetchOptions: { redirect: 'manual' },
} as const;

/**
 * Both SDKs add the headers that a variable of the environment lists (`Name: value` lines) to every request. They may hold
 * secrets of a gateway, so they are taken back for an address that did not come from the same environment.
 */
export function withheldHeaders(deployment: Deployment, variable: string): Record<string, null> {
  const trusted = deployment.baseUrl === undefined || isFromEnvironment(deployment.keyName);
  if (trusted) return {};
  const lines = (process.env[variable] ?? '').split('\n');
  const names = lines.map((line) => line.slice(0, Math.max(0, line.indexOf(':'))).trim());
  return Object.fromEntries(names.filter((name) => name !== '').map((name) => [name, null]));
}
