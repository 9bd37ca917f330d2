import type { WorkflowGraph } from '../../extension/src/protocol/panel.ts';
import type { StepId } from '../../extension/src/protocol/run-event.ts';
import type { StepView } from '../../extension/src/protocol/run-view.ts';
import { h, replaceWhen, setAttribute } from './dom.ts';
import { layoutGraph, LONGEST_LABEL, NODE_HEIGHT, NODE_WIDTH } from './graph-layout.ts';
import type { GraphLayout } from './graph-layout.ts';
import { icon } from './icons.ts';
import { stepStatus } from './kinds.ts';
import type { StatusLook } from './kinds.ts';
import type { Model } from './model.ts';

export interface GraphPane {
  readonly element: HTMLElement;
  /** Draws the graph anew when it is another one. */
  show(graph: WorkflowGraph | undefined): void;
  update(model: Model): void;
}

interface NodeElement {
  readonly id: string;
  readonly button: HTMLButtonElement;
  readonly state: HTMLElement;
  readonly title: HTMLElement;
}

const SVG = 'http://www.w3.org/2000/svg';

/**
 * The nodes of a workflow and how far they are. They are buttons of an ordered list, from the top down, and each says what it
 * leads to: the lines between them are for eyes alone.
 */
export function createGraphPane(onSelect: (step: StepId) => void): GraphPane {
  const canvas = h('div', { class: 'graph-canvas' });
  const element = h(
    'section',
    { class: 'graph', attributes: { 'aria-label': 'Workflow', tabindex: '0' } },
    canvas,
  );
  let nodes: readonly NodeElement[] = [];
  let shown: WorkflowGraph | undefined;
  let steps = new Map<string, readonly StepView[]>();

  const draw = (graph: WorkflowGraph): void => {
    const layout = layoutGraph(graph);
    canvas.style.width = `${String(layout.width)}px`;
    canvas.style.height = `${String(layout.height)}px`;
    const list = h('ol', { class: 'graph-nodes' });
    nodes = layout.nodes.map(({ id, x, y }) => {
      const detail = graph.nodes.find((node) => node.id === id)?.detail ?? '';
      const state = h('span', { class: 'graph-state' });
      const title = h('span', { class: 'graph-title' }, id);
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
    show: (graph) => {
      if (graph === shown) return;
      shown = graph;
      if (graph) draw(graph);
      else canvas.replaceChildren();
    },
    update: (model) => {
      if (!shown) return;
      steps = stepsByNode(model.run.steps);
      const over = model.run.endedAt !== undefined;
      for (const { id, button, state, title } of nodes) {
        const own = steps.get(id) ?? [];
        const last = own.at(-1);
        const look = last ? stepStatus(last) : notReached(over);
        button.dataset['tone'] = look.tone;
        replaceWhen(state, look.text, () => [icon(look.icon)]);
        setAttribute(title, 'data-times', own.length > 1 ? `${String(own.length)}×` : undefined);
        setAttribute(button, 'aria-disabled', last ? undefined : 'true');
        const selected = own.some((step) => isAtOrIn(model.selected, step.id));
        setAttribute(button, 'aria-pressed', last ? String(selected) : undefined);
        setAttribute(button, 'title', look.text);
        setAttribute(button, 'aria-label', spoken(shown, id, look, own.length));
      }
      for (const line of canvas.querySelectorAll<SVGElement>('.graph-edge')) {
        const ran = steps.has(line.dataset['from'] ?? '') && steps.has(line.dataset['to'] ?? '');
        line.classList.toggle('quiet', !ran);
      }
    },
  };
}

function stepsByNode(steps: readonly StepView[]): Map<string, readonly StepView[]> {
  const found = new Map<string, StepView[]>();
  for (const step of steps) {
    if (step.kind !== 'node') continue;
    const list = found.get(step.name);
    if (list) list.push(step);
    else found.set(step.name, [step]);
  }
  return found;
}

function notReached(over: boolean): StatusLook {
  return over
    ? { icon: 'circle-slash', text: 'Not taken', tone: 'quiet' }
    : { icon: 'circle-large', text: 'Not reached yet', tone: 'quiet' };
}

function isAtOrIn(selected: StepId | undefined, step: StepId): boolean {
  return selected === step || (selected?.startsWith(`${step}.`) ?? false);
}

function spoken({ nodes, edges }: WorkflowGraph, id: string, look: StatusLook, times: number): string {
  const detail = nodes.find((node) => node.id === id)?.detail ?? '';
  const next = edges
    .filter(({ from }) => from === id)
    .map(({ to, label }) => (label ? `${to} when ${label}` : to));
  const ran = times > 1 ? `, ran ${String(times)} times` : '';
  const leads = next.length > 0 ? `. Leads to ${next.join(', ')}` : '. An end of the workflow';
  return `${id} ${detail}, ${look.text}${ran}${leads}`;
}

function linesOf(layout: GraphLayout): SVGElement {
  const svg = svgElement('svg', {
    class: 'graph-lines',
    width: String(layout.width),
    height: String(layout.height),
    'aria-hidden': 'true',
  });
  const head = svgElement('marker', {
    ...{ id: 'graph-arrow', viewBox: '0 0 8 8', refX: '7', refY: '4' },
    ...{ markerWidth: '7', markerHeight: '7', orient: 'auto-start-reverse' },
  });
  head.append(svgElement('path', { d: 'M 0 0.5 L 7.5 4 L 0 7.5 z', class: 'graph-arrow' }));
  const definitions = svgElement('defs', {});
  definitions.append(head);
  svg.append(definitions);
  for (const { from, to, label, path, labelAt, back } of layout.edges) {
    const line = svgElement('g', { class: back ? 'graph-edge back' : 'graph-edge' });
    line.dataset['from'] = from;
    line.dataset['to'] = to;
    line.append(svgElement('path', { d: path, 'marker-end': 'url(#graph-arrow)' }));
    if (label) {
      const anchor = back ? 'start' : 'middle';
      const text = svgElement('text', { x: String(labelAt.x), y: String(labelAt.y), 'text-anchor': anchor });
      text.textContent = label.length > LONGEST_LABEL ? `${label.slice(0, LONGEST_LABEL - 1)}…` : label;
      const whole = svgElement('title', {});
      whole.textContent = label;
      text.append(whole);
      line.append(text);
    }
    svg.append(line);
  }
  return svg;
}

function svgElement(name: string, attributes: Readonly<Record<string, string>>): SVGElement {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
