import { createHash } from 'node:crypto';
import { canonicalJson } from '../../base/json.ts';
import { definitionJson, looserThanDefault } from '../../core/tools/index.ts';
import type { ServerDefinition } from '../../core/tools/index.ts';

/** What a person agreed to, as SHA-256 in hex: another program, another host or one more secret is another agreement. */
export function agreementOf(definition: ServerDefinition): string {
  return createHash('sha256')
    .update(canonicalJson(definitionJson(definition)))
    .digest('hex');
}

/** Whether it starts only when a person has agreed to it: all but Strata's own servers in their usual sandbox. */
export function needsAgreement(definition: ServerDefinition): boolean {
  if (definition.origin === 'editor') return false;
  return definition.origin !== 'built-in' || looserThanDefault(definition).length > 0;
}
