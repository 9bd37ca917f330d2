import type { Connection } from '../connection.ts';
import type { SshTarget } from '../ssh-tunnel.ts';

/** What a reaper is told when it is started, as one line of JSON on its input. */
export interface ReaperOrders {
  readonly owner: string;
  readonly way: { readonly connection: Connection } | { readonly ssh: SshTarget };
  /** A temporary folder of the owner's, removed together with the rest. */
  readonly folder?: string;
}
