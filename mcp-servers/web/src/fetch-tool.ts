import { flag, optionalInteger, schema, stringArgument, text, ToolFailure } from '../../tool.ts';
import type { Content, Tool } from '../../tool.ts';
import { convert } from './convert-worker.ts';
import { download, type Download } from './download.ts';
import { textOf } from './text-of.ts';

const defaultLength = 20_000;
const maxLength = 100_000;
const maxImageBytes = 3 * 1024 * 1024;
/** Pages are kept for a while, so that reading on sees the same text. */
const keptPages = 8;
const keptMs = 5 * 60_000;

interface Page {
  readonly url: string;
  readonly title: string | undefined;
  readonly text: string;
  readonly at: number;
}

export function fetchTool(environment: NodeJS.ProcessEnv): Tool {
  const pages = new Map<string, Page>();
  return {
    definition: {
      name: 'fetch',
      title: 'Fetch a web page',
      description:
        'Fetches an address (http or https) and returns a page as Markdown, other text as it is, and an image as an image. Of a page only the main ' +
        'content is returned where it can be told from the rest. Long texts come in parts: `start` and `length` count characters. ' +
        'Only hosts that were allowed for this server can be reached.',
      inputSchema: schema(
        {
          url: { type: 'string', minLength: 1, description: 'For example https://example.com/page.' },
          raw: { type: 'boolean', description: 'The text as it was sent: the HTML of a page.' },
          wholePage: { type: 'boolean', description: 'All of the page, with menus and footers.' },
          start: { type: 'integer', minimum: 0, description: 'First character. Default: 0.' },
          length: {
            type: 'integer',
            minimum: 1,
            maximum: maxLength,
            description: `Default: ${defaultLength}.`,
          },
        },
        ['url'],
      ),
      annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
    },
    async run(args, { signal, onOutput }) {
      const url = addressOf(stringArgument(args, 'url'));
      const raw = flag(args, 'raw');
      const wholePage = flag(args, 'wholePage');
      const start = optionalInteger(args, 'start', { from: 0, to: Number.MAX_SAFE_INTEGER }) ?? 0;
      const length = optionalInteger(args, 'length', { from: 1, to: maxLength }) ?? defaultLength;
      const key = `${raw} ${wholePage} ${url.href}`;
      const kept = pages.get(key);
      if (kept && start > 0 && Date.now() - kept.at < keptMs) return excerpt(kept, start, length);
      onOutput(`Fetching ${url.href}\n`);
      const got = await download(url, { environment, signal });
      const image = imageOf(got);
      if (image) return image;
      const page = await pageOf(got, { raw, wholePage, signal });
      pages.delete(key);
      pages.set(key, page);
      const [oldest] = pages.keys();
      if (pages.size > keptPages && oldest !== undefined) pages.delete(oldest);
      return excerpt(page, start, length);
    },
  };
}

function addressOf(value: string): URL {
  const url = URL.parse(value.trim());
  if (!url) throw new ToolFailure(`"${value}" is no address. Write it in full: https://example.com/page.`);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new ToolFailure(`Only http and https can be fetched, not "${url.protocol}".`);
  if (url.username !== '' || url.password !== '')
    throw new ToolFailure('An address with a user name or a password is not fetched.');
  url.hash = '';
  return url;
}

function imageOf({ url, type, body }: Download): Content | undefined {
  if (!/^image\/(png|jpeg|gif|webp)$/.test(type.essence)) return undefined;
  if (body.length > maxImageBytes)
    throw new ToolFailure(`${url.href} is an image of ${body.length} bytes; the limit is ${maxImageBytes}.`);
  return [{ type: 'image', mimeType: type.essence, data: body.toString('base64') }];
}

interface PageOptions {
  readonly raw: boolean;
  readonly wholePage: boolean;
  readonly signal: AbortSignal;
}

async function pageOf(got: Download, { raw, wholePage, signal }: PageOptions): Promise<Page> {
  const source = textOf(got);
  if (source === undefined)
    throw new ToolFailure(
      `${got.url.href} is no text: ${got.type.essence || 'of an unknown type'}, ${got.body.length} bytes.`,
    );
  const page = { url: got.url.href, title: undefined, text: source, at: Date.now() };
  if (raw || !/^(text\/html|application\/xhtml\+xml)$/.test(got.type.essence)) return page;
  return { ...page, ...(await convert({ html: source, url: got.url.href, wholePage }, signal)) };
}

function excerpt({ url, title, text: all }: Page, start: number, length: number): Content {
  if (start > 0 && start >= all.length)
    throw new ToolFailure(`The text has ${all.length} characters; there is none at ${start}.`);
  const part = all.slice(start, start + length);
  const head = title === undefined ? url : `${title}\n${url}`;
  const end = start + part.length;
  const more =
    end < all.length
      ? [text(`[Characters ${start} to ${end} of ${all.length}. Read on with start ${end}.]`)]
      : [];
  return [text(head), text(part === '' ? '(no text)' : part), ...more];
}
