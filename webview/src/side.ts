import type { PanelSide } from '../../extension/src/protocol/panel.ts';
import { h, setAttribute } from './dom.ts';
import { icon } from './icons.ts';

export interface Side {
  readonly element: HTMLElement;
  /** `undefined`: there is no graph, so there is nothing to choose. */
  show(side: PanelSide | undefined): void;
}

/** What stands beside the details: the steps, or the graph of the workflow or of the agents where there is one. */
export function createSide(
  steps: HTMLElement,
  graph: HTMLElement,
  onChoose: (side: PanelSide) => void,
): Side {
  const choice = (side: PanelSide, label: string, name: 'graph' | 'steps') => {
    const button = h('button', {
      class: 'side-choice',
      attributes: { type: 'button' },
      onClick: () => {
        onChoose(side);
      },
    });
    button.append(icon(name), label);
    return { side, button };
  };
  const choices = [choice('graph', 'Graph', 'graph'), choice('steps', 'Steps', 'steps')];
  const bar = h(
    'div',
    { class: 'side-bar', attributes: { role: 'group', 'aria-label': 'Show the run as' } },
    ...choices.map(({ button }) => button),
  );
  return {
    element: h('div', { class: 'side' }, bar, graph, steps),
    show: (shown) => {
      bar.hidden = shown === undefined;
      graph.hidden = shown !== 'graph';
      steps.hidden = shown === 'graph';
      for (const { side, button } of choices) setAttribute(button, 'aria-pressed', String(side === shown));
    },
  };
}
