import type { MarkedToken, Token, Tokens } from 'marked';
import { Lexer } from 'marked';
import { h } from '../dom.ts';
import { codeBlock } from './highlight.ts';

/** Longer texts are shown as they are: what a person reads in one go is shorter. */
export const LONGEST_MARKDOWN = 30_000;

/**
 * A text's Markdown as elements. The library only takes the text apart; each part becomes an element of ours with text nodes, so
 * that no markup of the text can become the page's, whatever is in it. Undefined for what cannot be taken apart.
 */
export function markdown(text: string): HTMLElement | undefined {
  if (text.length > LONGEST_MARKDOWN) return undefined;
  try {
    return h('div', { class: 'markdown' }, ...blocks(Lexer.lex(text)));
  } catch (error) {
    // Ten thousand quotes inside each other are more than the stack holds.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function blocks(tokens: readonly Token[] | undefined): Node[] {
  return (tokens ?? []).flatMap((token) => part(token as MarkedToken));
}

function part(token: MarkedToken): readonly Node[] {
  switch (token.type) {
    case 'space':
    case 'def':
    case 'checkbox':
      return [];
    case 'br':
      return [h('br')];
    case 'hr':
      return [h('hr')];
    case 'heading':
      return [heading(token)];
    case 'paragraph':
      return [h('p', {}, ...blocks(token.tokens))];
    case 'blockquote':
      return [h('blockquote', {}, ...blocks(token.tokens))];
    case 'strong':
      return [h('strong', {}, ...blocks(token.tokens))];
    case 'em':
      return [h('em', {}, ...blocks(token.tokens))];
    case 'del':
      return [h('del', {}, ...blocks(token.tokens))];
    case 'code':
      return [codeBlock(token.text, token.lang?.split(/\s/)[0])];
    case 'codespan':
      return [h('code', {}, token.text)];
    case 'list':
      return [list(token)];
    case 'list_item':
      return [item(token)];
    case 'table':
      return [table(token)];
    case 'link':
      return link(token);
    case 'image':
      return [textNode(`[image: ${token.text || token.href}]`)];
    case 'escape':
      return [textNode(token.text)];
    case 'text':
      return token.tokens ? blocks(token.tokens) : [textNode(decoded(token.text))];
    case 'html':
      return [textNode(token.text)];
  }
}

/** One below those of the page around it, whose headings are of the second and third order. */
function heading({ depth, tokens }: Tokens.Heading): HTMLElement {
  const level = String(Math.min(6, depth + 3));
  return h(
    'p',
    { class: 'heading', attributes: { role: 'heading', 'aria-level': level, 'data-depth': String(depth) } },
    ...blocks(tokens),
  );
}

function list({ ordered, start, items }: Tokens.List): HTMLElement {
  const element = h(ordered ? 'ol' : 'ul', {}, ...items.map(item));
  if (ordered && typeof start === 'number' && start !== 1) element.setAttribute('start', String(start));
  return element;
}

function item({ task, checked, tokens }: Tokens.ListItem): HTMLElement {
  return h('li', {}, task ? (checked ? '☑ ' : '☐ ') : undefined, ...blocks(tokens));
}

function table({ header, rows }: Tokens.Table): HTMLElement {
  const cells = (tag: 'th' | 'td', row: readonly Tokens.TableCell[]) =>
    h('tr', {}, ...row.map(({ tokens }) => h(tag, {}, ...blocks(tokens))));
  return h(
    'div',
    { class: 'table' },
    h(
      'table',
      {},
      h('thead', {}, cells('th', header)),
      h('tbody', {}, ...rows.map((row) => cells('td', row))),
    ),
  );
}

/** Only addresses of the web are links; the editor asks before it opens one. Others stand beside their text. */
function link({ href, tokens, text }: Tokens.Link): readonly Node[] {
  const address = URL.parse(href);
  if (address?.protocol === 'https:' || address?.protocol === 'http:') {
    return [h('a', { title: address.href, attributes: { href: address.href } }, ...blocks(tokens))];
  }
  return [...blocks(tokens), textNode(href === text ? '' : ` (${href})`)];
}

function textNode(text: string): Text {
  return document.createTextNode(text);
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

/** Once: what it comes to is text. */
function decoded(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (whole, name: string) => entities[name] ?? whole);
}
