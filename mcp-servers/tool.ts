/** What a tool returns: text and images as MCP has them. */
export type Content = (
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image'; readonly mimeType: string; readonly data: string }
)[];

export interface ToolCall {
  readonly signal: AbortSignal;
  /** Output for people while the call runs. */
  readonly onOutput: (text: string) => void;
}

export type Arguments = Readonly<Record<string, unknown>>;

/** JSON Schema of one argument. */
export type Property =
  | { type: 'string'; description?: string; minLength?: number; enum?: string[] }
  | { type: 'integer'; description?: string; minimum?: number; maximum?: number }
  | { type: 'boolean'; description?: string }
  | {
      type: 'array';
      description?: string;
      minItems?: number;
      maxItems?: number;
      items: Property | ObjectSchema;
    };

export type ObjectSchema = {
  readonly type: 'object';
  readonly properties: Record<string, Property>;
  readonly required: string[];
  readonly additionalProperties: false;
};

export interface ToolDefinition {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: ObjectSchema;
  readonly annotations: {
    readonly readOnlyHint: boolean;
    readonly destructiveHint: boolean;
    readonly idempotentHint: boolean;
    readonly openWorldHint: boolean;
  };
}

export interface Tool {
  readonly definition: ToolDefinition;
  run(args: Arguments, call: ToolCall): Promise<Content>;
}

/** Says to the caller of a tool what it asked for wrongly, or what is not there. */
export class ToolFailure extends Error {
  /** What the caller reads. */
  readonly content: Content;

  constructor(message: string, more: Content = []) {
    super(message);
    this.content = [text(message), ...more];
  }
}

export const reading = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
} as const;

export function text(value: string): { readonly type: 'text'; readonly text: string } {
  return { type: 'text', text: value };
}

export function schema(properties: Record<string, Property>, required: string[]): ObjectSchema {
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

export function stringList(args: Arguments, name: string): readonly string[] {
  const value = args[name];
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
  throw new ToolFailure(`\`${name}\` must be a list of strings.`);
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
