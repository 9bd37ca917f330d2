export { toOtlpJson } from './otlp.ts';
export type { OtlpOptions } from './otlp.ts';
export type { TracesData } from './otlp-shape.ts';
export { familyEvents } from './run-family.ts';
export { summariseStep } from './step-summary.ts';
