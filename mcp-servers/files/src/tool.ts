/** What a tool returns: text and images as MCP has them. */
export type Content = (
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image'; readonly mimeType: string; readonly data: string }
)[];

export interface ToolContext {
  /** Real path of the only folder that the tools may touch. */
  readonly root: string;
  readonly signal: AbortSignal;
}

/** JSON Schema of one argument. */
type Property = {
  type: 'string' | 'integer' | 'boolean';
  description?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
};

export interface FileTool {
  readonly definition: {
    readonly name: string;
    readonly title: string;
    readonly description: string;
    readonly inputSchema: {
      readonly type: 'object';
      readonly properties: Record<string, Property>;
      readonly required: string[];
      readonly additionalProperties: false;
    };
    readonly annotations: {
      readonly readOnlyHint: boolean;
      readonly destructiveHint: boolean;
      readonly idempotentHint: boolean;
      readonly openWorldHint: false;
    };
  };
  run(args: Arguments, context: ToolContext): Promise<Content>;
}

export type Arguments = Readonly<Record<string, unknown>>;

/** Says to the caller of a tool what it asked for wrongly, or what is not there. */
export class ToolFailure extends Error {}

export const reading = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
} as const;

export function text(value: string): { readonly type: 'text'; readonly text: string } {
  return { type: 'text', text: value };
}

export function schema(
  properties: Record<string, Property>,
  required: string[],
): FileTool['definition']['inputSchema'] {
  return { type: 'object', properties, required, additionalProperties: false };
}

export function stringArgument(args: Arguments, name: string): string {
  const value = args[name];
  if (typeof value !== 'string') throw new ToolFailure(`\`${name}\` must be a string.`);
  return value;
}

export function optionalString(args: Arguments, name: string): string | undefined {
  return args[name] === undefined ? undefined : stringArgument(args, name);
}

export function optionalInteger(
  args: Arguments,
  name: string,
  range: { readonly from: number; readonly to: number },
): number | undefined {
  const value = args[name];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= range.from && value <= range.to)
    return value;
  throw new ToolFailure(`\`${name}\` must be a whole number from ${range.from} to ${range.to}.`);
}

export function flag(args: Arguments, name: string): boolean {
  const value = args[name];
  if (value === undefined || value === false) return false;
  if (value === true) return true;
  throw new ToolFailure(`\`${name}\` must be true or false.`);
}
