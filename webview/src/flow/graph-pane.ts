import type { StepId } from '../../../extension/src/protocol/run-event.ts';
import type { StepView } from '../../../extension/src/protocol/run-view.ts';
import { h, replaceWhen, setAttribute } from '../dom.ts';
import { icon } from '../icons.ts';
import type { StatusLook } from '../kinds.ts';
import type { Model } from '../model.ts';
import { svg } from '../svg.ts';
import type { Flow } from './flow.ts';
import { layoutGraph, NODE_HEIGHT, NODE_WIDTH } from './graph-layout.ts';
import type { GraphLayout, PlacedEdge } from './graph-layout.ts';

/** From one line of a label to the next, in pixels. */
const LABEL_LINE = 13;

export interface GraphPane {
  readonly element: HTMLElement;
  /** Draws the graph anew when it is another one. */
  update(flow: Flow, model: Model): void;
}

interface NodeElement {
  readonly id: string;
  readonly button: HTMLButtonElement;
  readonly state: HTMLElement;
  readonly title: HTMLElement;
}

/**
 * The nodes of a run's graph and how far they are. They are buttons of an ordered list, from the top down, and each says what it
 * leads to: the lines between them are for eyes alone.
 */
export function createGraphPane(onSelect: (step: StepId) => void): GraphPane {
  const canvas = h('div', { class: 'graph-canvas' });
  const element = h('section', { class: 'graph', attributes: { tabindex: '0' } }, canvas);
  let nodes: readonly NodeElement[] = [];
  let shown: Flow | undefined;
  let steps: ReadonlyMap<string, readonly StepView[]> = new Map();

  const draw = (flow: Flow): void => {
    const layout = layoutGraph(flow);
    setAttribute(element, 'aria-label', flow.name);
    canvas.style.width = `${String(layout.width)}px`;
    canvas.style.height = `${String(layout.height)}px`;
    const list = h('ol', { class: 'graph-nodes' });
    nodes = layout.nodes.map(({ id, x, y }) => {
      const { title: name = id, detail = '' } = flow.nodes.find((node) => node.id === id) ?? {};
      const state = h('span', { class: 'graph-state' });
      const title = h('span', { class: 'graph-title' }, name);
      const button = h(
        'button',
        {
          class: 'graph-node',
          attributes: { type: 'button' },
          onClick: () => {
            const last = steps.get(id)?.at(-1);
            if (last) onSelect(last.id);
          },
        },
        state,
        title,
        ' ',
        h('span', { class: 'graph-detail' }, detail),
      );
      button.dataset['node'] = id;
      const item = h('li', {}, button);
      item.style.transform = `translate(${String(x)}px, ${String(y)}px)`;
      item.style.width = `${String(NODE_WIDTH)}px`;
      item.style.height = `${String(NODE_HEIGHT)}px`;
      list.append(item);
      return { id, button, state, title };
    });
    canvas.replaceChildren(linesOf(layout), list);
  };

  return {
    element,
    update: (flow, model) => {
      if (flow !== shown) draw(flow);
      shown = flow;
      steps = flow.steps(model.run);
      for (const { id, button, state, title } of nodes) {
        const own = steps.get(id) ?? [];
        const last = own.at(-1);
        const look = flow.look(id, own, model);
        button.dataset['tone'] = look.tone;
        replaceWhen(state, look.text, () => [icon(look.icon)]);
        setAttribute(title, 'data-times', own.length > 1 ? `${String(own.length)}×` : undefined);
        setAttribute(button, 'aria-disabled', last ? undefined : 'true');
        const selected = own.some((step) => isAtOrIn(model.selected, step.id));
        setAttribute(button, 'aria-pressed', last ? String(selected) : undefined);
        setAttribute(button, 'title', look.text);
        setAttribute(button, 'aria-label', spoken(flow, id, look, own.length));
      }
      for (const line of canvas.querySelectorAll<SVGElement>('.graph-edge')) {
        const { from = '', to = '' } = line.dataset;
        line.classList.toggle('quiet', !flow.wasTaken({ from, to }, steps));
      }
    },
  };
}

function isAtOrIn(selected: StepId | undefined, step: StepId): boolean {
  return selected === step || (selected?.startsWith(`${step}.`) ?? false);
}

function spoken({ nodes, edges }: Flow, id: string, look: StatusLook, times: number): string {
  const titled = (of: string): string => nodes.find((node) => node.id === of)?.title ?? of;
  const detail = nodes.find((node) => node.id === id)?.detail ?? '';
  const next = edges
    .filter(({ from }) => from === id)
    .map(({ to, said }) => (said ? `${titled(to)} ${said}` : titled(to)));
  const ran = times > 1 ? `, ran ${String(times)} times` : '';
  const leads = next.length > 0 ? `. Leads to ${next.join(', ')}` : '. Leads nowhere else';
  return `${titled(id)} ${detail}, ${look.text}${ran}${leads}`;
}

function linesOf(layout: GraphLayout): SVGElement {
  const lines = svg('svg', {
    class: 'graph-lines',
    width: String(layout.width),
    height: String(layout.height),
    'aria-hidden': 'true',
  });
  const head = svg('marker', {
    ...{ id: 'graph-arrow', viewBox: '0 0 8 8', refX: '7', refY: '4' },
    ...{ markerWidth: '7', markerHeight: '7', orient: 'auto-start-reverse' },
  });
  head.append(svg('path', { d: 'M 0 0.5 L 7.5 4 L 0 7.5 z', class: 'graph-arrow' }));
  const definitions = svg('defs', {});
  definitions.append(head);
  lines.append(definitions);
  for (const edge of layout.edges) {
    const { from, to, path, back } = edge;
    const line = svg('g', { class: back ? 'graph-edge back' : 'graph-edge' });
    line.dataset['from'] = from;
    line.dataset['to'] = to;
    line.append(svg('path', { d: path, 'marker-end': 'url(#graph-arrow)' }));
    if (edge.lines.length > 0) line.append(labelOf(edge));
    lines.append(line);
  }
  return lines;
}

/** Its last line stands where the label does, the others above it; the whole is read in a tooltip, and in the names of the nodes. */
function labelOf({ label, lines, labelAt, back }: PlacedEdge): SVGElement {
  const text = svg('text', { 'text-anchor': back ? 'start' : 'middle' });
  const whole = svg('title', {});
  whole.textContent = label;
  const spans = lines.map((words, index) => {
    const y = labelAt.y - (lines.length - 1 - index) * LABEL_LINE;
    const span = svg('tspan', { x: String(labelAt.x), y: String(y) });
    span.textContent = words;
    return span;
  });
  text.append(whole, ...spans);
  return text;
}
