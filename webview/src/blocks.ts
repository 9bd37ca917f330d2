import type { Json } from '../../extension/src/base/json.ts';
import { formatBytes } from '../../extension/src/protocol/format.ts';
import { linkButton } from './button.ts';
import { textDiff } from './content/diff.ts';
import { codeBlock, languageOfPath } from './content/highlight.ts';
import { jsonTree } from './content/json-tree.ts';
import { markdown } from './content/markdown.ts';
import { picture } from './content/picture.ts';
import { h } from './dom.ts';
import type { Field, PlainSection } from './present.ts';

/** Characters of one text that are shown at first. Laying out a megabyte of text takes the page a second. */
const SHOWN = 8000;

/** Any section but messages, which may hold sections themselves. */
export function plainSection(section: PlainSection): HTMLElement {
  switch (section.kind) {
    case 'text':
      return block(section.title, section.prose ? proseBlock(section.text) : resultBlock(section.text));
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
        ...section.passages.map(({ place, path, text }) =>
          h(
            'div',
            { class: 'passage' },
            h('div', { class: 'place' }, place),
            codeOrText(text, languageOfPath(path ?? '')),
          ),
        ),
      );
    case 'json':
      return block(section.title, jsonTree(section.value));
    case 'change':
      return block(section.title, textDiff(section.before, section.after) ?? textBlock(section.after));
    case 'images':
      return block(section.title, ...section.images.map(({ mimeType, data }) => picture(mimeType, data)));
  }
}

/** What a person or a model wrote: rendered as Markdown, unless it is very long. */
export function proseBlock(text: string): HTMLElement {
  return markdown(text) ?? textBlock(text);
}

/** What a tool wrote: a tree where it is JSON, and text as it is. */
export function resultBlock(text: string): HTMLElement {
  if (text.length > SHOWN || !/^\s*[[{]/.test(text)) return textBlock(text);
  try {
    return jsonTree(JSON.parse(text) as Json);
  } catch (error) {
    if (error instanceof SyntaxError) return textBlock(text);
    throw error;
  }
}

function codeOrText(text: string, language: string | undefined): HTMLElement {
  return text.length > SHOWN ? textBlock(text) : codeBlock(text, language);
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

export function fieldTable(fields: readonly Field[]): HTMLElement {
  return h(
    'dl',
    { class: 'fields' },
    ...fields.map(([name, value, whole]) =>
      h(
        'div',
        {},
        h('dt', {}, name),
        h('dd', whole === undefined ? {} : { attributes: { title: whole } }, value),
      ),
    ),
  );
}

export function folded(summary: string, ...children: readonly Node[]): HTMLElement {
  return h('details', { class: 'folded' }, h('summary', {}, summary), ...children);
}

export function block(title: string, ...children: readonly Node[]): HTMLElement {
  return h('section', { class: 'section' }, title ? h('h3', {}, title) : undefined, ...children);
}
