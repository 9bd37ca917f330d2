import type { CallToolResult } from '@modelcontextprotocol/client';
import * as z from 'zod';
import type { JsonObject } from '../../base/json.ts';
import type { SchemaChecks } from './validate.ts';

const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), z.json());

/** The data of a result, and what is to be said about it where it is not what the tool's output schema promises. */
export function structuredOf(
  result: CallToolResult,
  outputSchema: JsonObject | undefined,
  checks: SchemaChecks,
): { readonly structured?: JsonObject; readonly note?: string } {
  const parsed = jsonObject.safeParse(result.structuredContent);
  const structured = parsed.success ? { structured: parsed.data } : {};
  if (outputSchema === undefined || result.isError === true) return structured;
  if (result.structuredContent === undefined)
    return { note: 'The tool promises data by a schema, and answered without any.' };
  const check = checks.check(outputSchema, result.structuredContent);
  switch (check.kind) {
    case 'fits':
      return structured;
    case 'mistakes':
      return {
        ...structured,
        note: `The data of the answer does not fit the tool's output schema: ${check.text.slice(0, 500)}`,
      };
    case 'unusable':
      return {
        ...structured,
        note: `The data of the answer was not checked, since the tool's output schema cannot be used: ${check.reason.slice(0, 500)}`,
      };
  }
}
