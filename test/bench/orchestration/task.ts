/** What every contender is given: the same words, the same one tool, the same results. */
export const TASK = 'Read every file of the project and say what it is about.';
export const PROMPT =
  'You are a careful engineer. You read what you are told to read, one file at a time, and you say in one sentence what it is about when you are done.';
/** One that has a price, so that looking it up is part of what is measured. */
export const MODEL = 'gpt-4.1-mini';

export const READ = {
  name: 'bench_read',
  description: 'Reads one file of the project and returns what it holds.',
  parameters: {
    type: 'object',
    properties: { path: { type: 'string', description: 'Path of the file, relative to the project.' } },
    required: ['path'],
    additionalProperties: false,
  },
} as const;

const RESULT_CHARACTERS = 256;

/** The path that the model asks for with its nth call, counted from 1. Each differs, as in honest work. */
export function pathOf(call: number): string {
  return `src/part-${call}.ts`;
}

/** Begins the result of a call, so that the server can see that the call was made. */
export function markOf(path: string): string {
  return `file ${path}:`;
}

/** 256 bytes. */
export function resultOf(path: string): string {
  return `${markOf(path)} `.padEnd(RESULT_CHARACTERS, 'export const value = 1; ');
}
