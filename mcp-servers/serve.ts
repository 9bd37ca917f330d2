import { realpathSync } from 'node:fs';
import { endWithInput } from './lifetime.ts';
import { rehearse } from './rehearsal.ts';
import { speak } from './session.ts';
import { isMakingSnapshot, keepForStart } from './snapshot.ts';
import type { Tool } from './tool.ts';

export interface ServerProgram {
  readonly name: string;
  /**
   * Called once the server starts, and before that, with another root, while a snapshot of it is made. So nothing is read
   * from arguments, environment or disk before.
   */
  readonly open: (root: () => string) => OpenedServer;
}

export interface OpenedServer {
  /** In the order in which they are listed, which never changes between starts. */
  readonly tools: readonly Tool[];
  /** Ends what the tools have started; the process exits afterwards. */
  readonly onEnd?: () => void;
}

/**
 * Speaks MCP over the standard streams until the input ends. A busy worker or an open call does not keep the process. While
 * a snapshot is made, it plays an exchange instead, and the process that is started from the snapshot speaks.
 */
export async function serve(program: ServerProgram): Promise<void> {
  if (!isMakingSnapshot()) {
    serveNow(program);
    return;
  }
  keepForStart(() => serveNow(program));
  await rehearse(program.name, program.open(() => '/').tools);
}

function serveNow({ name, open }: ServerProgram): void {
  // It has served its purpose; programs that the tools start have caches of their own.
  delete process.env['NODE_COMPILE_CACHE'];
  const { tools, onEnd } = open(workspaceRoot);
  const input = endWithInput(onEnd ?? (() => undefined));
  speak({ name, tools, input, output: process.stdout });
}

/** The folder that the tools work in. */
function workspaceRoot(): string {
  return realpathSync.native(process.env['STRATA_ROOT'] ?? '/workspace');
}
