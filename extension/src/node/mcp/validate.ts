import { CfWorkerJsonSchemaValidator } from '@modelcontextprotocol/client/validators/cf-worker';
import { messageOf } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';

/** What is wrong with arguments for a schema; undefined when nothing is. The validator is the one that the MCP SDK brings. */
export function argumentMistakes(schema: JsonObject, args: JsonObject): string | undefined {
  try {
    const validator = new CfWorkerJsonSchemaValidator({ shortcircuit: false });
    const result = validator.getValidator({ ...schema })(args);
    return result.valid ? undefined : readable(result.errorMessage);
  } catch (error) {
    return `the schema of the tool cannot be used: ${messageOf(error)}`;
  }
}

/** A property that is not known is reported twice, the second time as the `false` that forbids it. */
function readable(message: string): string {
  const parts = message.split('; ').filter((part) => !part.endsWith('False boolean schema.'));
  return (parts.length > 0 ? parts : [message]).join('; ');
}
