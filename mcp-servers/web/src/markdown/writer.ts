import type { Attributes, ElementReader } from './elements.ts';
import { tableText } from './table.ts';

interface WriterOptions {
  readonly base: string;
  /** The number of the element to which the page is cut down. */
  readonly main: number | undefined;
  readonly wholePage: boolean;
}

/** What surrounds the content when the page does not say where that is. */
const surroundings = new Set(['nav', 'header', 'footer', 'aside', 'form']);
const blocks = new Set([
  ...[
    'p',
    'div',
    'section',
    'article',
    'main',
    'header',
    'footer',
    'aside',
    'nav',
    'form',
    'figure',
    'figcaption',
  ],
  ...[
    'address',
    'details',
    'summary',
    'fieldset',
    'dl',
    'dt',
    'dd',
    'body',
    'html',
    'center',
    'hgroup',
    'caption',
  ],
]);
const marks = new Map([
  ...['b', 'strong'].map((name) => [name, '**'] as const),
  ...['i', 'em', 'cite'].map((name) => [name, '_'] as const),
  ...['s', 'del', 'strike'].map((name) => [name, '~~'] as const),
]);

/** Text that is collected for an element whose end decides what becomes of it. */
interface Frame {
  readonly element: string;
  readonly before: string;
  readonly attributes: Attributes;
}

/** Writes Markdown from tags as they come. */
export class MarkdownWriter implements ElementReader {
  readonly #options: WriterOptions;
  /** Elements that are open: names, and whether they are left out. */
  readonly #open: { readonly name: string; readonly skipped: boolean; readonly main: boolean }[] = [];
  #skipped = 0;
  #inMain = 0;
  #title = '';
  #inTitle = false;
  #out: string[] = [];
  /** The line that is being written. */
  #line = '';
  #pre = 0;
  #preText = '';
  readonly #frames: Frame[] = [];
  readonly #lists: { readonly ordered: boolean; count: number }[] = [];
  #quotes = 0;
  readonly #tables: string[][][] = [];

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  open(name: string, attributes: Attributes, number: number): void {
    const main = number === this.#options.main;
    if (main) this.#inMain += 1;
    const skipped = this.#isSurrounding(name);
    this.#open.push({ name, skipped, main });
    if (skipped) this.#skipped += 1;
    if (name === 'title' && this.#title === '') this.#inTitle = true;
    if (this.#silent || name === 'title') return;
    if (name === 'pre') {
      this.#endBlock();
      this.#pre += 1;
      this.#preText = '';
    } else if (this.#pre > 0) {
      if (name === 'br') this.#preText += '\n';
    } else this.#openFlow(name, attributes);
  }

  text(text: string): void {
    if (this.#inTitle) this.#title += text;
    else if (this.#silent) return;
    else if (this.#pre > 0) this.#preText += text;
    else {
      const flat = text.replace(/\s+/g, ' ');
      const begins = this.#line === '' && this.#frames.length === 0;
      this.#line += begins || this.#line.endsWith(' ') ? flat.trimStart() : flat;
    }
  }

  close(name: string): void {
    const element = this.#open.pop();
    if (name === 'title') this.#inTitle = false;
    else if (!this.#silent) {
      if (name === 'pre' && this.#pre > 0) this.#closePre();
      else if (this.#pre === 0) this.#closeFlow(name);
    }
    if (element?.skipped) this.#skipped -= 1;
    if (element?.main) {
      this.#endBlock();
      this.#inMain -= 1;
    }
  }

  end(): { readonly text: string; readonly title: string | undefined } {
    while (this.#tables.length > 0) this.#closeTable();
    this.#endBlock();
    const text = this.#out
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim();
    const title = this.#title.replace(/\s+/g, ' ').trim();
    return { text, title: title === '' ? undefined : title };
  }

  /** Whether what comes is left out. */
  get #silent(): boolean {
    return this.#skipped > 0 || (this.#options.main !== undefined && this.#inMain === 0);
  }

  #isSurrounding(name: string): boolean {
    const { main, wholePage } = this.#options;
    if (wholePage || main !== undefined || !surroundings.has(name)) return false;
    return !this.#open.some((one) => one.name === 'article' || one.name === 'main');
  }

  #openFlow(name: string, attributes: Attributes): void {
    const mark = marks.get(name);
    if (mark !== undefined || name === 'a' || name === 'code' || /^(h[1-6]|td|th)$/.test(name)) {
      if (/^(h[1-6])$/.test(name)) this.#endBlock();
      this.#frames.push({ element: name, before: this.#line, attributes });
      this.#line = '';
    } else if (name === 'br') this.#breakLine();
    else if (name === 'hr') this.#block('---');
    else if (name === 'img') this.#line += imageText(attributes, this.#options.base);
    else if (name === 'ul' || name === 'ol') {
      this.#endLine();
      if (this.#lists.length === 0) this.#gap();
      this.#lists.push({ ordered: name === 'ol', count: Number(attributes['start'] ?? 1) || 1 });
    } else if (name === 'li') this.#openItem();
    else if (name === 'blockquote') {
      this.#endBlock();
      this.#quotes += 1;
    } else if (name === 'table') {
      this.#endBlock();
      this.#tables.push([]);
    } else if (name === 'tr') this.#tables.at(-1)?.push([]);
    else if (blocks.has(name)) this.#endBlock();
  }

  #closeFlow(name: string): void {
    const mark = marks.get(name);
    if (mark !== undefined) {
      // Bold within bold is bold.
      const again = () => this.#frames.some(({ element }) => marks.get(element) === mark);
      this.#closeFrame(name, (text) => (again() ? text : `${mark}${text}${mark}`));
    } else if (name === 'code') this.#closeFrame(name, (text) => inlineCode(text));
    else if (name === 'a')
      this.#closeFrame(name, (text, { href }) => linkText(text, absolute(href, this.#options.base)));
    else if (/^h[1-6]$/.test(name)) {
      this.#closeFrame(name, (text) => `${'#'.repeat(Number(name[1]))} ${text}`);
      this.#endBlock();
    } else if (name === 'td' || name === 'th') this.#closeCell(name);
    else if (name === 'table') this.#closeTable();
    else if (name === 'ul' || name === 'ol') {
      this.#endLine();
      this.#lists.pop();
      if (this.#lists.length === 0) this.#gap();
    } else if (name === 'li') this.#endLine();
    else if (name === 'blockquote') {
      this.#endLine();
      while (this.#out.length > 0 && isGap(this.#out.at(-1))) this.#out.pop();
      this.#quotes = Math.max(0, this.#quotes - 1);
      this.#gap();
    } else if (blocks.has(name)) this.#endBlock();
  }

  /** Ends what began with an element, and those within it that were never ended. */
  #closeFrame(name: string, write: (text: string, attributes: Attributes) => string): void {
    if (!this.#frames.some(({ element }) => element === name)) return;
    for (let frame = this.#frames.pop(); frame; frame = this.#frames.pop()) {
      const text = this.#line.trim();
      const lead = /^\s/.test(this.#line) && !frame.before.endsWith(' ') ? ' ' : '';
      const trail = text !== '' && /\s$/.test(this.#line) ? ' ' : '';
      const written =
        text === ''
          ? lead
          : `${lead}${frame.element === name ? write(text, frame.attributes) : text}${trail}`;
      this.#line = frame.before === '' ? written.trimStart() : frame.before + written;
      if (frame.element === name) return;
    }
  }

  #closeCell(name: string): void {
    let cell = '';
    this.#closeFrame(name, (text) => {
      cell = text;
      return '';
    });
    const table = this.#tables.at(-1);
    if (!table) {
      this.#line += `${cell} `;
      return;
    }
    if (table.length === 0) table.push([]);
    table.at(-1)?.push(cell);
    this.#line = this.#line.trim();
  }

  #closeTable(): void {
    const table = this.#tables.pop();
    if (!table) return;
    this.#endLine();
    const text = tableText(table);
    if (this.#tables.length > 0) this.#line += ` ${text.replaceAll('\n', ' ')} `;
    else if (text !== '') this.#block(text);
  }

  #closePre(): void {
    this.#pre -= 1;
    if (this.#pre > 0) return;
    const code = this.#preText.replace(/^\n/, '').trimEnd();
    const fence = '`'.repeat(Math.max(3, ...(code.match(/`+/g) ?? []).map(({ length }) => length + 1)));
    if (code !== '') this.#block(`${fence}\n${code}\n${fence}`);
  }

  #openItem(): void {
    this.#endLine();
    const list = this.#lists.at(-1) ?? { ordered: false, count: 1 };
    const depth = Math.min(20, Math.max(0, this.#lists.length - 1));
    this.#line = `${'  '.repeat(depth)}${list.ordered ? `${list.count}. ` : '- '}`;
    list.count += 1;
  }

  #breakLine(): void {
    if (this.#frames.length > 0) this.#line += ' ';
    else this.#endLine();
  }

  #block(text: string): void {
    this.#endBlock();
    this.#write(text);
    this.#gap();
  }

  #endBlock(): void {
    // Within a link, a heading or a cell a block is no more than a space.
    if (this.#frames.length > 0) {
      if (this.#line !== '' && !this.#line.endsWith(' ')) this.#line += ' ';
      return;
    }
    this.#endLine();
    if (this.#lists.length === 0) this.#gap();
  }

  #endLine(): void {
    if (this.#frames.length > 0) return void (this.#line += ' ');
    const line = this.#line.trimEnd();
    this.#line = '';
    // The sign of an item whose text begins with a block stays for that block.
    if (/^\s*(-|\d+\.)$/.test(line)) this.#line = `${line} `;
    else if (line !== '') this.#write(line);
  }

  #write(text: string): void {
    const sign = this.#quotes > 0 ? `${this.#quoted()} ` : '';
    for (const line of text.split('\n')) this.#out.push(sign + line);
  }

  /** An empty line, which within a quotation has its sign too: else it would end there. */
  #gap(): void {
    if (!isGap(this.#out.at(-1))) this.#out.push(this.#quoted());
  }

  #quoted(): string {
    return '> '.repeat(Math.min(10, this.#quotes)).trimEnd();
  }
}

function isGap(line = ''): boolean {
  return /^[> ]*$/.test(line);
}

function inlineCode(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

function linkText(text: string, href: string | undefined): string {
  return href === undefined ? text : `[${text.replaceAll(']', '\\]')}](${href})`;
}

function imageText({ src, alt = '' }: Attributes, base: string): string {
  const address = absolute(src, base);
  return address === undefined ? alt : `![${alt.replace(/\s+/g, ' ').replaceAll(']', '\\]')}](${address})`;
}

/** Only what can be fetched: data, scripts and places on the same page are left out. */
function absolute(address: string | undefined, base: string): string | undefined {
  if (address === undefined || address.startsWith('#')) return undefined;
  const url = URL.parse(address, base);
  if (!url || !['http:', 'https:', 'mailto:'].includes(url.protocol)) return undefined;
  return url.href.replaceAll('(', '%28').replaceAll(')', '%29');
}
