import type { RunStore } from '../../extension/src/node/sqlite/index.ts';
import type { AssistantMessage, Message } from '../../extension/src/protocol/message.ts';
import { textOf } from '../../extension/src/protocol/message.ts';
import { foldRun } from '../../extension/src/protocol/run-view.ts';
import { says } from './small-world.ts';
import type { WorldOptions } from './small-world.ts';

type Move = AssistantMessage | ((messages: readonly Message[]) => AssistantMessage);

/**
 * A model that plays each agent by its prompt ("You are the planner."): its moves one after the other, by what the
 * conversation holds already, as a model without a memory would.
 */
export function cast(parts: Readonly<Record<string, readonly Move[]>>): WorldOptions['model'] {
  return (messages) => {
    const system = messages[0] ? textOf(messages[0]) : '';
    const name = /You are the ([\w-]+)\./.exec(system)?.[1] ?? '';
    const done = messages.filter(({ role }) => role === 'assistant').length;
    const move = parts[name]?.[done];
    if (!move) return says(`${name} has nothing to say`);
    return typeof move === 'function' ? move(messages) : move;
  };
}

/** The text that the model was last told, whoever said it. */
export function lastHeard(messages: readonly Message[]): string {
  const last = messages.at(-1);
  return last ? textOf(last) : '';
}

/** A run with its sub-runs inside, one line a step, as a person would tell it. */
export function story(store: RunStore, run: string, indent = ''): string[] {
  const view = foldRun(store.read(run));
  return (view?.steps ?? []).flatMap((step) => {
    if (['snapshot', 'index', 'recall', 'catalogue', 'remember'].includes(step.kind)) return [];
    const end = step.isError ? 'error' : step.status;
    const line = `${indent}${step.id} ${step.kind} ${step.name}${end === 'finished' ? '' : `: ${end}`}`;
    return [line, ...(step.child === undefined ? [] : story(store, step.child, `${indent}  `))];
  });
}
