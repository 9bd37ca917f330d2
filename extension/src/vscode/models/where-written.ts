import { accountOf } from '../../core/models/index.ts';
import type { Deployment } from '../../core/models/index.ts';

/** Whether a deployment stands in a file or in settings, rather than following from a key or an Ollama that is at hand. */
export function isWritten(from: string): boolean {
  return isFile(from) || isSetting(from);
}

export function isFile(from: string): boolean {
  return from.endsWith('.jsonc');
}

export function isSetting(from: string): boolean {
  return /strata\.models|settings/i.test(from);
}

export function takesKey(deployment: Deployment): boolean {
  return keyNameFor(deployment) !== undefined;
}

/**
 * The name under which a person's key for it is kept; undefined where none is sent. What the environment holds cannot be set
 * from here, but a stored key of the same provider goes before it.
 */
export function keyNameFor({ keyName, provider }: Deployment): string | undefined {
  if (provider !== 'openai' && provider !== 'anthropic') return undefined;
  return keyName === undefined ? undefined : (accountOf(keyName) ?? keyName);
}
