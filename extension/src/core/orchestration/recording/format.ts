import * as z from 'zod';
import type { Json, JsonObject } from '../../../base/json.ts';

/**
 * The format of `.strata-run` files: YAML, so that texts of several lines stand there line by line to be reviewed and edited.
 *
 * Nothing in it is a hash. What the log keeps under hashes (conversations, lists of tools) has labels here, and the hashes are
 * made again when the file is read: whoever edits a recorded thing changes what the replay is given or what it is compared
 * with, and sees the replay diverge there, instead of being told that the file is damaged.
 */
export const RECORDING_VERSION = 1;
export const RECORDING_SUFFIX = '.strata-run';

/** Text of the first lines, for whoever opens the file. */
export const RECORDING_COMMENT = [
  ' A recorded run of Strata, as a test: `strata replay --check` and the Test Explorer replay it from this file alone,',
  ' without a model, a tool or the network, and fail where the replay is not what is recorded here.',
].join('\n');

/** How a step's input names what stands elsewhere in the file. */
export const reference = z.object({ is: z.string() }).strict();

/** Members of a step's input that the log keeps as ids of blobs. */
export const REFERENCES = ['conversation', 'tools'] as const;

/** The input of a run with what its program was asked changed: the request of a chat names such members too. */
export function inProgram(input: Json, change: (request: Json) => Json): Json {
  if (!isObject(input) || !isObject(input['program'])) return input;
  const { request } = input['program'];
  return request === undefined
    ? input
    : { ...input, program: { ...input['program'], request: change(request) } };
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const json = z.custom<Json>((value) => value !== undefined, 'is missing');

export const fileSchema = z
  .object({
    'strata-run': z.literal(RECORDING_VERSION),
    runs: z
      .array(
        z
          .object({
            run: z.string().min(1),
            /** Milliseconds since 1970, as text that people can read; events count from it. */
            began: z.iso.datetime(),
            events: z.array(z.looseObject({ type: z.string(), at: z.number() })).min(1),
          })
          .strict(),
      )
      .min(1),
    /** Each says what is new since the one that it goes on from. */
    conversations: z
      .record(z.string(), z.object({ after: z.string().exactOptional(), messages: z.array(json) }).strict())
      .default({}),
    tools: z.record(z.string(), z.array(json)).default({}),
  })
  .strict();

export type RecordingFile = z.infer<typeof fileSchema>;

/** Members of events that are payloads in the log, and stand in the file as what they hold. */
export const PAYLOADS: Readonly<Record<string, string>> = {
  'run.started': 'input',
  'run.finished': 'answer',
  'step.started': 'input',
  'step.finished': 'output',
};
