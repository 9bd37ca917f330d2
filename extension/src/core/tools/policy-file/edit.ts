import type { JsonObject } from '../../../base/json.ts';
import { withValueAt } from '../../settings-file/index.ts';

/** The text of `.strata/tools.jsonc` with what it says about a server set, or taken out. Comments stay. */
export function withServerSettings(text: string, server: string, settings: JsonObject | undefined): string {
  const nothing = settings !== undefined && Object.keys(settings).length === 0;
  return withValueAt(text, ['servers', server], nothing ? undefined : settings);
}

/** One setting of a server, such as `enabled`. */
export function withServerSetting(
  text: string,
  server: string,
  name: string,
  value: JsonObject[string],
): string {
  return withValueAt(text, ['servers', server, name], value);
}
