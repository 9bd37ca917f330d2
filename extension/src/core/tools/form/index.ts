export { mistakesIn, valueIn, type FieldMistake, type Matches } from './check.ts';
export type { Choice, Field, FieldInput, Form, NumberInput, TextInput } from './field.ts';
export { formOf } from './form-of.ts';
export { hintFor, initialValues, readTyped, showValue, withValue } from './values.ts';
