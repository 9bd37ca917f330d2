import type { Result } from '@modelcontextprotocol/client';
import * as z from 'zod';

/** Where the mark of a task stands in what the SDK is given in place of it; servers cannot set it. */
export const taskMark = 'strata/task';

const base64 = /^[A-Za-z0-9+/]*={0,2}$/;
const mimeType = /^[\w.+-]{1,64}\/[\w.+-]{1,64}$/;

const textPart = z.looseObject({ type: z.literal('text'), text: z.string() });
const mediaPart = z.looseObject({
  type: z.enum(['image', 'audio']),
  data: z.string(),
  mimeType: z.string().regex(mimeType),
});
const resource = z.union([
  z.looseObject({ uri: z.string(), text: z.string(), mimeType: z.string().optional() }),
  z.looseObject({ uri: z.string(), blob: z.string().regex(base64), mimeType: z.string().optional() }),
]);
const part = z.union([
  textPart,
  mediaPart,
  z.looseObject({ type: z.literal('resource'), resource }),
  z.looseObject({ type: z.literal('resource_link'), uri: z.string(), name: z.string() }),
]);
const object = z.record(z.string(), z.unknown());
const legacyTask = z.looseObject({ task: z.looseObject({ taskId: z.string() }) });

/**
 * The result of a call with what is wrong in it put right or said in words, so that it passes for one. A task, which the
 * SDK has no place for, is handed through as a mark.
 */
export function cleanCallResult(result: Result): Result {
  const { [taskMark]: _, ...meta } = { ...result._meta };
  const task = taskOf(result);
  if (task) return { resultType: 'complete', content: [], _meta: { ...meta, [taskMark]: task } };
  if (result['resultType'] === 'input_required') return result;
  const { content, structuredContent, isError, ...rest } = result;
  return {
    ...rest,
    ...('_meta' in result ? { _meta: meta } : {}),
    ...(structuredContent === undefined || structuredContent === null ? {} : { structuredContent }),
    ...(typeof isError === 'boolean' ? { isError } : {}),
    content: contentOf(content, structuredContent),
  };
}

function taskOf(result: Result): Record<string, unknown> | undefined {
  if (result['resultType'] === 'task') return { ...result };
  const legacy = legacyTask.safeParse(result);
  return legacy.success && !('content' in result) ? legacy.data.task : undefined;
}

function contentOf(content: unknown, structured: unknown): readonly unknown[] {
  if (Array.isArray(content)) return content.map(partOf);
  if (structured !== undefined && structured !== null) return [];
  const what = content === undefined || content === null ? 'no content' : 'content that is no list';
  return [note(`The tool answered with ${what}.`)];
}

function partOf(given: unknown): unknown {
  const parsed = part.safeParse(given);
  if (parsed.success) {
    const { annotations, _meta, ...rest } = parsed.data;
    const media = rest.type === 'image' || rest.type === 'audio';
    if (media && !isBase64(rest.data)) return note(`${named(rest.type)} was left out: it is not in base64.`);
    return { ...rest, ...(object.safeParse(_meta).success ? { _meta } : {}), ...kept(annotations) };
  }
  const type = object.safeParse(given).data?.['type'];
  if (type === 'image' || type === 'audio')
    return note(`${named(type)} was left out: it has no data or no valid media type.`);
  return note(
    typeof type === 'string'
      ? `A part of the answer was left out: it is no valid ${JSON.stringify(type.slice(0, 40))}.`
      : 'A part of the answer was left out: it has no type.',
  );
}

/** Checked by its length and a look through it, which is fast also for megabytes. */
function isBase64(text: string): boolean {
  return text !== '' && text.length % 4 === 0 && base64.test(text);
}

const annotation = z.looseObject({
  audience: z.array(z.enum(['user', 'assistant'])).optional(),
  priority: z.number().min(0).max(1).optional(),
  lastModified: z.iso.datetime({ offset: true }).optional(),
});

function kept(annotations: unknown): object {
  return annotations !== undefined && annotation.safeParse(annotations).success ? { annotations } : {};
}

function named(type: 'image' | 'audio'): string {
  return type === 'image' ? 'An image' : 'Audio';
}

function note(text: string): object {
  return { type: 'text', text: `[${text}]` };
}
