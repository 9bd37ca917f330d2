import { spawnSync } from 'node:child_process';

/**
 * What to put before a command so that file permissions hold for it. Root is let through them by two capabilities, which
 * setpriv takes away; undefined where that cannot be done.
 */
export function underPermissions(): readonly string[] | undefined {
  if (process.getuid?.() !== 0) return [];
  const prefix = ['setpriv', '--bounding-set=-dac_override,-dac_read_search', '--'];
  const [command, ...args] = [...prefix, 'true'];
  return spawnSync(command, args).status === 0 ? prefix : undefined;
}
