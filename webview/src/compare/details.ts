import type {
  CompareHostMessage,
  CompareLine,
  ComparePart,
  CompareStep,
  CompareText,
} from '../../../extension/src/protocol/compare-panel.ts';
import { formatCost, formatDuration, formatTokens } from '../../../extension/src/protocol/format.ts';
import { linkButton } from '../button.ts';
import { diffBlock, diffLine } from '../content/diff-block.ts';
import { h } from '../dom.ts';
import { stepStatus } from '../kinds.ts';
import { deltasOf, tokensOf } from './deltas.ts';
import { partTitle, stepText, VERDICTS } from './words.ts';

type Texts = Extract<CompareHostMessage, { readonly type: 'texts' }>;

export interface Details {
  readonly element: HTMLElement;
  /** Its texts come later. */
  show(line: CompareLine | undefined): void;
  fill(texts: Texts): void;
  focus(): void;
}

interface DetailsEvents {
  readonly onOpen: (step: CompareStep) => void;
  readonly onOpenText: () => void;
}

/** What of one line differs. */
export function createDetails({ onOpen, onOpenText }: DetailsEvents): Details {
  const heading = h('h2', {});
  const links = h('div', { class: 'open-links' });
  const facts = h('div', {});
  const body = h('div', { class: 'body', attributes: { 'aria-live': 'off' } });
  const element = h(
    'section',
    { class: 'detail', attributes: { 'aria-label': 'Details', tabindex: '0' } },
    h('div', { class: 'detail-head' }, heading, links, facts),
    body,
  );
  let shown: CompareLine | undefined;
  return {
    element,
    show: (line) => {
      shown = line;
      element.scrollTop = 0;
      heading.replaceChildren(...(line ? headingOf(line) : ['No line is selected.']));
      const open = (step: CompareStep | undefined, name: string): HTMLElement[] =>
        step
          ? [
              linkButton(
                `Open step ${step.step} of ${name}`,
                () => {
                  onOpen(step);
                },
                'go-to-file',
              ),
            ]
          : [];
      links.replaceChildren(...open(line?.a, 'A'), ...open(line?.b, 'B'));
      facts.replaceChildren(...(line?.part === 'step' ? [factsOf(line)] : []));
      body.replaceChildren(...(line ? [h('p', { class: 'hint' }, 'Reading…')] : []));
    },
    fill: ({ texts, cut }) => {
      if (!shown) return;
      body.replaceChildren(
        ...remarkOn(shown),
        ...texts.map(textBlock),
        ...(texts.length === 0 ? [h('p', { class: 'hint' }, 'Nothing more was recorded of it.')] : []),
        ...(cut
          ? [
              h(
                'p',
                { class: 'hint' },
                'Parts of this are left out because it is large. ',
                linkButton('Open as text', onOpenText),
              ),
            ]
          : []),
      );
    },
    focus: () => {
      element.focus();
    },
  };
}

function headingOf(line: CompareLine): readonly (Node | string)[] {
  const { a, b, part, verdict } = line;
  const [left, right] = [a && stepText(a), b && stepText(b)];
  const name =
    part !== 'step'
      ? partTitle(line)
      : left === right
        ? (left ?? '')
        : [left, right].filter(Boolean).join(' ↔ ');
  return [
    h('span', { class: 'verdict', attributes: { 'data-verdict': verdict } }, VERDICTS[verdict].text),
    ' ',
    h('span', { class: 'title' }, name),
  ];
}

function remarkOn({ part, verdict, aspects }: CompareLine): readonly HTMLElement[] {
  const text =
    part !== 'step'
      ? ''
      : verdict === 'same'
        ? 'Both did the same here, whatever it took.'
        : verdict === 'changed' && aspects.length === 0
          ? 'The step itself is the same; steps inside of it differ.'
          : '';
  return text === '' ? [] : [h('p', { class: 'hint' }, text)];
}

function factsOf(line: CompareLine): HTMLElement {
  const { a, b } = line;
  const deltas = deltasOf(line);
  const of = (step: CompareStep | undefined, text: (step: CompareStep) => string | undefined): string =>
    (step && text(step)) ?? '–';
  /** Of what neither has there is no row. */
  const row = (
    name: string,
    text: (step: CompareStep) => string | undefined,
    more: string,
  ): HTMLElement | undefined => {
    const values = [of(a, text), of(b, text)];
    if (values.every((value) => value === '–')) return undefined;
    return h(
      'tr',
      {},
      h('th', { attributes: { scope: 'row' } }, name),
      ...[...values, more].map((value) => h('td', {}, value)),
    );
  };
  return h(
    'table',
    { class: 'facts' },
    h('caption', { class: 'spoken' }, 'What the step took'),
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        h('td', {}),
        ...['A', 'B', 'B − A'].map((name) => h('th', { attributes: { scope: 'col' } }, name)),
      ),
    ),
    h(
      'tbody',
      {},
      row('State', (step) => stepStatus(step).text, ''),
      row(
        'Time',
        ({ durationMs }) => (durationMs === undefined ? undefined : formatDuration(durationMs)),
        deltas.time,
      ),
      row('Tokens', ({ usage }) => usage && formatTokens(tokensOf(usage)), deltas.tokens),
      row('Cost', ({ cost }) => cost && formatCost(cost), deltas.cost),
    ),
  );
}

function textBlock({ title, parts }: CompareText): HTMLElement {
  return h('section', { class: 'section' }, h('h3', {}, title), partsBlock(parts));
}

/** Lines that differ; of a text of one line, the words. */
function partsBlock(parts: readonly ComparePart[]): HTMLElement {
  if (parts.every(({ side }) => side === 'both'))
    return h('pre', { class: 'block' }, parts.map(({ text }) => text).join(''));
  if (parts.some(({ text }) => text.includes('\n')))
    return diffBlock(
      parts.map(({ side, text }) => ({ added: side === 'b', removed: side === 'a', value: text })),
    );
  const lineOf = (side: 'a' | 'b'): HTMLElement[] => {
    const own = parts.filter((part) => part.side === side || part.side === 'both');
    if (!own.some((part) => part.side === side))
      return own.length === 0 ? [] : [diffLine(' ', ...words(own))];
    return [diffLine(side === 'a' ? '-' : '+', ...words(own))];
  };
  return h('div', { class: 'block diff' }, ...lineOf('a'), ...lineOf('b'));
}

function words(parts: readonly ComparePart[]): readonly (Node | string)[] {
  return parts.map(({ side, text }) => (side === 'both' ? text : h('span', { class: 'word' }, text)));
}
