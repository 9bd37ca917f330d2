import type { StepEffect } from '../../protocol/run-event.ts';
import type { ServerDefinition } from './server-definition.ts';
import type { ToolAnnotations } from './tool.ts';

/**
 * What a call of a tool can do to the world, which decides whether it is asked about and what becomes of it when its process
 * dies. The sandbox decides it, not what the server says of itself:
 *
 * | server                                        | tool says that it only reads | effect      |
 * | --------------------------------------------- | ---------------------------- | ----------- |
 * | trusted                                       | yes                          | `read`      |
 * | no network, no files or the run's own copy    | any                          | `contained` |
 * | a network, or elsewhere than in a container   | any                          | `change`    |
 * | the user's own folder, to write               | any                          | `change`    |
 */
export function effectOf(
  { source, sandbox, trusted }: Pick<ServerDefinition, 'source' | 'sandbox' | 'trusted'>,
  annotations: ToolAnnotations | undefined,
  ownCopy: boolean,
): StepEffect {
  if (trusted && annotations?.readOnlyHint === true) return 'read';
  if (source.kind === 'http' || source.kind === 'editor') return 'change';
  if (sandbox.network.length > 0) return 'change';
  return ownCopy || sandbox.files !== 'write' ? 'contained' : 'change';
}
