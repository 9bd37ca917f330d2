import { SOURCES } from './foreign-names.ts';
import { textOf } from './incoming.ts';
import type { IncomingSpan } from './incoming.ts';

/** Who did it, by the name that people know: an agent or a library, else the service that told of it. */
export function sourceOf(spans: readonly IncomingSpan[]): string {
  const services = [...new Set(spans.map(({ service }) => service))].filter((name) => name !== '');
  const scopes = [...new Set(spans.map(({ scope }) => scope))].filter((name) => name !== '');
  // Frameworks write attributes of their own where they write through another’s library.
  const marks = spans.some(({ attributes }) => attributes.has('ai.operationId')) ? ['ai'] : [];
  const langgraph = spans.some(({ attributes, name }) =>
    [...attributes.keys(), name, textOf(attributes, 'metadata') ?? ''].some((text) =>
      /langgraph/i.test(text),
    ),
  );
  const known = [...services, ...(langgraph ? ['langgraph'] : []), ...scopes, ...marks];
  for (const name of known) {
    const found = SOURCES.find(([pattern]) => pattern.test(name));
    if (found) return found[1];
  }
  return services[0] ?? scopes[0] ?? 'another program';
}
