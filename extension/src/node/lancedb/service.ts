import { handler, type Handler, type PartContext } from './handler.ts';
import { episodicPart } from './episodic/part.ts';
import { restCall } from './rest-call.ts';
import { semanticPart } from './semantic/part.ts';
import { vectorsPart } from './vectors/part.ts';

/** The memory of one folder, inside of the memory process: the calls that its parts answer, by kind. */
export interface Service {
  readonly handlers: ReadonlyMap<string, Handler>;
  close(): Promise<void>;
}

export function openService(context: PartContext): Service {
  const episodic = episodicPart(context);
  // An index run also mends the episodes, so that after it everything can be read.
  const semantic = semanticPart(context, episodic);
  const vectors = vectorsPart(context, semantic.contents);
  semantic.attach(vectors.leg);
  const handlers = [...semantic.handlers, ...episodic.handlers, ...vectors.handlers];
  const rest = handler(restCall, () =>
    Promise.resolve({ ready: !semantic.isAtWork && !vectors.leg.isAtWork }),
  );
  return {
    handlers: new Map([...handlers, rest].map((one) => [one.shape.kind, one])),
    close: async () => {
      await semantic.close();
      episodic.close();
    },
  };
}
