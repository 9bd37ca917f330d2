import type { Handler, PartContext } from './handler.ts';
import { episodicPart } from './episodic/part.ts';
import { semanticPart } from './semantic/part.ts';

/** The memory of one folder, inside of the memory process: the calls that its parts answer, by kind. */
export function openService(context: PartContext): ReadonlyMap<string, Handler> {
  const episodic = episodicPart(context);
  // An index run also mends the episodes, so that after it everything can be read.
  const handlers = [...semanticPart(context, episodic.mend), ...episodic.handlers];
  return new Map(handlers.map((one) => [one.shape.kind, one]));
}
