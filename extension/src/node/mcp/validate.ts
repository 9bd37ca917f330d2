import { CfWorkerJsonSchemaValidator } from '@modelcontextprotocol/client/validators/cf-worker';
import { messageOf } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';

const validator = new CfWorkerJsonSchemaValidator({ shortcircuit: false });

/** What is wrong with arguments for a schema; undefined when nothing is. The validator is the one that the MCP SDK brings. */
export function argumentMistakes(schema: JsonObject, args: JsonObject): string | undefined {
  try {
    const result = validator.getValidator({ ...schema })(args);
    return result.valid ? undefined : result.errorMessage;
  } catch (error) {
    return `the schema of the tool cannot be used: ${messageOf(error)}`;
  }
}
