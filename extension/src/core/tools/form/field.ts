import type { Json, JsonObject } from '../../../base/json.ts';

/** What a person is asked for one value of a schema. */
export interface Field {
  /** Its key in the object. */
  readonly name: string;
  /** What people call it; the key where the schema says nothing. */
  readonly title: string;
  readonly description?: string;
  readonly required: boolean;
  readonly initial?: Json;
  readonly input: FieldInput;
}

/** How a value is asked for, by what its schema allows. */
export type FieldInput =
  | TextInput
  | NumberInput
  | { readonly kind: 'flag' }
  | { readonly kind: 'choice'; readonly choices: readonly Choice[] }
  /** Any number of them, each once. */
  | ({ readonly kind: 'choices'; readonly choices: readonly Choice[] } & Count)
  | ({ readonly kind: 'list'; readonly item: TextInput | NumberInput } & Count)
  /** An object inside of the form, as a form of its own. */
  | { readonly kind: 'group'; readonly form: Form }
  /** What no prompt can ask for in its parts: written as JSON. */
  | { readonly kind: 'json'; readonly schema: JsonObject };

export interface TextInput {
  readonly kind: 'text';
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
}

export interface NumberInput {
  readonly kind: 'number';
  readonly integer: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly above?: number;
  readonly below?: number;
  readonly multipleOf?: number;
}

export interface Choice {
  readonly value: Json;
  readonly label: string;
}

export interface Count {
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** An object that a person fills in. */
export interface Form {
  /** Required ones first, otherwise in the schema's order. */
  readonly fields: readonly Field[];
  readonly schema: JsonObject;
}
