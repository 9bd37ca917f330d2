import * as z from 'zod';
import { FROM_EDITOR } from '../../node/providers/reasoning-marks.ts';
import type { ReasoningPart } from '../../protocol/message.ts';
import type { ThinkingPart } from './parts.ts';

const kept = z.object({
  id: z.string().exactOptional(),
  metadata: z.record(z.string(), z.json()).exactOptional(),
});

/** What a model of the editor thought, in our own form; it may want it back as it was. */
export function keepThinking({ text, id, metadata }: ThinkingPart): ReasoningPart {
  const facts = {
    ...(id === undefined ? {} : { id }),
    ...(metadata === undefined ? {} : { metadata }),
  };
  return { type: 'reasoning', text, signature: FROM_EDITOR + JSON.stringify(facts) };
}

/** The part that it was, if it came from the editor; otherwise nothing. */
export function readThinking({ text, signature }: ReasoningPart): readonly ThinkingPart[] {
  if (signature?.startsWith(FROM_EDITOR) !== true) return [];
  return [{ kind: 'thinking', text, ...kept.parse(JSON.parse(signature.slice(FROM_EDITOR.length))) }];
}
