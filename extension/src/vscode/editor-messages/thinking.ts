import type { ReasoningPart } from '../../protocol/message.ts';
import * as z from 'zod';
import type { ThinkingPart } from './parts.ts';

/** Marks reasoning that came from a model of the editor, which may want it back as it was. */
const MARK = 'vscode|';

const kept = z.object({
  id: z.string().exactOptional(),
  metadata: z.record(z.string(), z.json()).exactOptional(),
});

/** What a model of the editor thought, in our own form. */
export function keepThinking({ text, id, metadata }: ThinkingPart): ReasoningPart {
  const facts = {
    ...(id === undefined ? {} : { id }),
    ...(metadata === undefined ? {} : { metadata }),
  };
  return { type: 'reasoning', text, signature: MARK + JSON.stringify(facts) };
}

/** The part that it was, if it came from the editor; otherwise nothing. */
export function readThinking({ text, signature }: ReasoningPart): readonly ThinkingPart[] {
  if (signature?.startsWith(MARK) !== true) return [];
  return [{ kind: 'thinking', text, ...kept.parse(JSON.parse(signature.slice(MARK.length))) }];
}
