import { Parser } from 'htmlparser2';

export type Attributes = Readonly<Record<string, string>>;

export interface ElementReader {
  /** `number` counts the opening tags of the page from 1, the same in every reading. */
  open(name: string, attributes: Attributes, number: number): void;
  text(text: string): void;
  close(name: string): void;
}

/** Elements that show nothing, or nothing that can be read. */
const hidden = new Set([
  ...[
    'script',
    'style',
    'noscript',
    'template',
    'svg',
    'math',
    'canvas',
    'iframe',
    'object',
    'audio',
    'video',
  ],
  ...['button', 'select', 'datalist', 'dialog', 'map', 'head'],
]);

/** Depth at which a page is only made to be deep: what is below is read as text without form. */
const maxDepth = 500;

/** The parser's time grows with the square of the depth; what comes after this one is not read. */
const lastDepth = 20_000;

/** Reads a page tag by tag, without what is hidden. The title is read although it stands in the head. */
export function readElements(html: string, reader: ElementReader): void {
  let number = 0;
  let depth = 0;
  let hiddenAt = 0;
  const parser = new Parser(
    {
      onopentag: (name, attributes) => {
        number += 1;
        depth += 1;
        if (depth > lastDepth) parser.pause();
        const shown = name === 'title' || !(hidden.has(name) || isHidden(attributes));
        if (hiddenAt === 0 && !shown) hiddenAt = depth;
        if (name === 'title' || (hiddenAt === 0 && depth < maxDepth)) reader.open(name, attributes, number);
        if (name === 'title') inTitle = true;
      },
      ontext: (text) => {
        if (hiddenAt === 0 || inTitle) reader.text(text);
      },
      onclosetag: (name) => {
        if (name === 'title') inTitle = false;
        if (name === 'title' || (hiddenAt === 0 && depth < maxDepth)) reader.close(name);
        if (hiddenAt === depth) hiddenAt = 0;
        depth -= 1;
      },
    },
    { decodeEntities: true },
  );
  let inTitle = false;
  parser.end(html);
}

function isHidden({ hidden: attribute, 'aria-hidden': aria, style = '' }: Attributes): boolean {
  return attribute !== undefined || aria === 'true' || /display\s*:\s*none/i.test(style);
}
