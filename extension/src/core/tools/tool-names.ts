import { createHash } from 'node:crypto';
import type { Tool } from './tool.ts';

/** The names that every provider takes. */
const valid = /^[A-Za-z0-9_-]{1,64}$/;
const LONGEST = 64;
const HASH_DIGITS = 8;

/**
 * A server's tools under names that every provider takes, by that name: its own where it is one, else with other characters
 * replaced and cut. Two that would then be the same have the hash of their own name added. It depends on no other server
 * and not on the order of the list, so that a name in a log means the same tool in every process.
 */
export function namedTools(tools: readonly Tool[]): ReadonlyMap<string, Tool> {
  const named = new Map<string, Tool>();
  const byOwnName = tools.toSorted((a, b) => compare(a.name, b.name));
  for (const tool of byOwnName)
    if (valid.test(tool.name) && !named.has(tool.name)) named.set(tool.name, tool);
  for (const tool of byOwnName) {
    if (valid.test(tool.name)) continue;
    const plain = tool.name.replace(/[^A-Za-z0-9_-]/g, '_');
    const fits = plain.length <= LONGEST && !named.has(plain);
    named.set(fits ? plain : distinctName(tool), tool);
  }
  const listed = new Map(tools.map((tool, index) => [tool, index]));
  return new Map([...named].sort(([, a], [, b]) => (listed.get(a) ?? 0) - (listed.get(b) ?? 0)));
}

/** For a tool whose plain name another server has already. */
export function distinctName({ server, name }: Pick<Tool, 'server' | 'name'>): string {
  const hash = createHash('sha256').update(`${server}\n${name}`).digest('hex').slice(0, HASH_DIGITS);
  const plain = name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, LONGEST - HASH_DIGITS - 1);
  return `${plain}_${hash}`;
}

/** By code unit: the same in every locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
