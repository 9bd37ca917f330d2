import { ProtocolError, type StandardSchemaV1Sync } from '@modelcontextprotocol/client';

/** A value of one of the protocol's types, or an error that says that it is none. */
export function fitting<T>(schema: StandardSchemaV1Sync<unknown, T>, value: unknown): T {
  const result = schema['~standard'].validate(value);
  if (!result.issues) return result.value;
  const where = result.issues
    .slice(0, 3)
    .map(({ path, message }) => `${(path ?? []).map(String).join('.')}: ${message}`)
    .join('; ');
  throw new ProtocolError(-32603, `it is not what the protocol asks for (${where})`);
}
