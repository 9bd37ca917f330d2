import { formatBytes } from '../../extension/src/protocol/format.ts';
import { linkButton } from './button.ts';
import { h } from './dom.ts';
import type { PlainSection } from './present.ts';

/** Characters of one text that are shown at first. Laying out a megabyte of text takes the page a second. */
const SHOWN = 8000;

/** Any section but messages, which may hold sections themselves. */
export function plainSection(section: PlainSection): HTMLElement {
  switch (section.kind) {
    case 'text':
      return block(section.title, textBlock(section.text));
    case 'fields':
      return block(section.title, fieldTable(section.fields));
    case 'tools':
      return folded(
        `${String(section.tools.length)} tools offered`,
        fieldTable(section.tools.map(({ name, description }) => [name, description])),
      );
    case 'passages':
      return block(
        section.title,
        ...section.passages.map(({ place, text }) =>
          h('div', { class: 'passage' }, h('div', { class: 'place' }, place), textBlock(text)),
        ),
      );
    case 'json':
      return block(section.title, textBlock(JSON.stringify(section.value, null, 2)));
  }
}

/** Recorded text as it is, its first part when it is long. */
export function textBlock(text: string): HTMLElement {
  if (text.length <= SHOWN) return h('pre', { class: 'block' }, text);
  const shown = document.createTextNode(text.slice(0, SHOWN));
  const more = linkButton(`Show all ${formatBytes(text.length)}`, () => {
    shown.data = text;
    more.remove();
  });
  return h('div', { class: 'long' }, h('pre', { class: 'block' }, shown), more);
}

export function fieldTable(fields: readonly (readonly [string, string])[]): HTMLElement {
  return h(
    'dl',
    { class: 'fields' },
    ...fields.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
  );
}

export function folded(summary: string, ...children: readonly Node[]): HTMLElement {
  return h('details', { class: 'folded' }, h('summary', {}, summary), ...children);
}

export function block(title: string, ...children: readonly Node[]): HTMLElement {
  return h('section', { class: 'section' }, title ? h('h3', {}, title) : undefined, ...children);
}
