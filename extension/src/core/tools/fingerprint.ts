import { createHash } from 'node:crypto';
import type { Json } from '../../base/json.ts';
import { canonicalJson } from '../../base/json.ts';
import type { Tool } from './tool.ts';

/** SHA-256, in hex, of all that a server says of a tool. Another word is another tool. */
export function fingerprintOf(tool: Tool): string {
  const { name, title, description, inputSchema, outputSchema, annotations } = tool;
  const said = { name, title, description, inputSchema, outputSchema, annotations };
  // Plain data, which an interface without an index signature cannot say of itself.
  const json = said as unknown as Json;
  return createHash('sha256').update(canonicalJson(json)).digest('hex');
}
