import type { StepId } from '../../extension/src/protocol/run-event.ts';
import type { RunView, StepView } from '../../extension/src/protocol/run-view.ts';
import { block } from './blocks.ts';
import { linkButton } from './button.ts';
import { contextFacts, percent } from './context-facts.ts';
import type { ContextFacts } from './context-facts.ts';
import { h } from './dom.ts';

/** What was in the context of a model call and what was not; nothing for a step that has none. */
export function contextBlock(
  run: RunView,
  step: StepView,
  select: (step: StepId) => void,
): readonly HTMLElement[] {
  if (!step.context) return [];
  const { budget } = step.context;
  const facts = contextFacts(step.context, run, step);
  return [
    block('Context', h('p', {}, facts.headline), bar(facts), table(facts, budget), ...leftOut(facts, select)),
  ];
}

/** For the eyes only: the table under it says the same in words. */
function bar({ rows, free }: ContextFacts): HTMLElement {
  const part = (section: string, tokens: number): HTMLElement => {
    const element = h('span', { class: 'part', attributes: { 'data-section': section } });
    element.style.flexGrow = String(tokens);
    return element;
  };
  return h(
    'div',
    { class: 'context-bar', attributes: { 'aria-hidden': 'true' } },
    ...rows.map(({ section, tokens }) => part(section, tokens)),
    ...(free > 0 ? [part('free', free)] : []),
  );
}

function table({ rows, free }: ContextFacts, budget: number): HTMLElement {
  const row = (section: string, label: string, messages: string, tokens: number): HTMLElement =>
    h(
      'tr',
      { attributes: { 'data-section': section } },
      h(
        'th',
        { attributes: { scope: 'row' } },
        h('span', { class: 'swatch', attributes: { 'aria-hidden': 'true' } }),
        label,
      ),
      h('td', {}, messages),
      h('td', { class: 'number' }, tokens.toLocaleString()),
      h('td', { class: 'number' }, percent(tokens, budget)),
    );
  const head = (label: string, kind: string): HTMLElement =>
    h('th', { class: kind, attributes: { scope: 'col' } }, label);
  return h(
    'table',
    { class: 'context-table' },
    h(
      'caption',
      { class: 'spoken' },
      'What was in the context of this model call, and its share of the budget',
    ),
    h(
      'thead',
      {},
      h('tr', {}, head('Part', ''), head('Messages', ''), head('Tokens', 'number'), head('Share', 'number')),
    ),
    h(
      'tbody',
      {},
      ...rows.map(({ section, label, messages, tokens }) => row(section, label, messages, tokens)),
      ...(free > 0 ? [row('free', 'Free', '–', free)] : []),
    ),
  );
}

function leftOut({ leftOut: text, summary }: ContextFacts, select: (step: StepId) => void): HTMLElement[] {
  if (text === undefined) return [];
  const { id } = summary ?? {};
  return [
    h(
      'p',
      {},
      `Left out: ${text} `,
      id === undefined
        ? undefined
        : linkButton(`Summary made in step ${id}`, () => {
            select(id);
          }),
    ),
  ];
}
