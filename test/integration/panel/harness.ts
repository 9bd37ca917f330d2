import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { HostMessage, PanelAction } from '../../../extension/src/protocol/panel.ts';
import { machineClock } from '../../../extension/src/vscode/machine-clock.ts';
import type { PanelActions, RunSource } from '../../../extension/src/vscode/trace-panel/ports.ts';
import { PanelSession } from '../../../extension/src/vscode/trace-panel/session.ts';
import { panelPage } from '../../../extension/src/vscode/webview-page.ts';
import { panelBundle } from '../../../webview/bundle.mjs';
import { dark } from './themes.ts';
import type { Theme } from './themes.ts';

/** A browser and a server for the panel's real page and bundle, under the very policy that the extension gives it. */
export interface PanelBench {
  readonly browser: Browser;
  readonly origin: string;
  readonly nonce: string;
  readonly bytes: number;
  dispose(): Promise<void>;
}

export function chromiumOnPath(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  // The shell first: a whole browser opens a window with its own pages for every page, which costs as much as the page.
  const names = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'];
  return [...names, 'google-chrome-stable']
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((path) => existsSync(path));
}

export async function startBench(executablePath: string): Promise<PanelBench> {
  const folder = await mkdtemp(join(tmpdir(), 'strata-panel-'));
  const nonce = 'bm9uY2U';
  await build(panelBundle(folder));
  const files = new Map<string, Buffer>(
    await Promise.all(
      ['trace', 'metrics', 'compare']
        .flatMap((name) => [`${name}.js`, `${name}.css`])
        .map(async (name) => [`/${name}`, await readFile(join(folder, name))] as const),
    ),
  );
  const server = createServer((request, response) => {
    const { url = '/' } = request;
    const file = files.get(url);
    const send = (type: string, body: string | Buffer) => response.setHeader('content-type', type).end(body);
    if (file) send(url.endsWith('.js') ? 'text/javascript' : 'text/css', file);
    else if (['/', '/metrics', '/compare'].includes(url)) {
      const cspSource = `http://${request.headers.host ?? ''}`;
      const name = url === '/' ? 'trace' : url.slice(1);
      const uris = { scriptUri: `/${name}.js`, styleUri: `/${name}.css` };
      send('text/html', panelPage({ title: 'Strata', cspSource, nonce, ...uris }));
    } else response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const browser = await chromium.launch({
      executablePath,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    return {
      browser,
      origin: `http://127.0.0.1:${String(address.port)}/`,
      nonce,
      bytes: (files.get('/trace.js')?.length ?? 0) + (files.get('/trace.css')?.length ?? 0),
      dispose: async () => {
        await browser.close();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

export interface OpenPanel {
  readonly page: Page;
  readonly session: PanelSession;
  /** What the panel asked the host to do. */
  readonly asked: string[];
  /** Messages that the host posted. */
  readonly posted: HostMessage['type'][];
  /** Errors of the page and violations of its policy; tests expect none. */
  readonly problems: string[];
}

interface Look {
  readonly theme?: Theme;
  readonly width?: number;
  readonly height?: number;
  readonly zoom?: number;
}

export interface PanelOptions extends Look {
  readonly run?: string;
  readonly act?: (action: PanelAction) => Promise<string | undefined>;
  readonly clock?: typeof machineClock;
}

interface BarePage {
  readonly page: Page;
  /** Errors of the page and violations of its policy; tests expect none. */
  readonly problems: string[];
  post(message: unknown): void;
  /** Loads the page; what it says goes to `receive`. */
  load(receive: (data: unknown) => unknown): Promise<void>;
}

/** A page of ours as VS Code makes one, with a state that survives a reload. */
export async function openPage(
  t: { after(end: () => unknown): void },
  bench: PanelBench,
  path: '' | 'metrics' | 'compare',
  { theme = dark, width = 1280, height = 800, zoom = 1 }: Look,
): Promise<BarePage> {
  const context: BrowserContext = await bench.browser.newContext({
    viewport: { width: width / zoom, height: height / zoom },
    deviceScaleFactor: zoom,
  });
  t.after(() => context.close());
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (entry) => {
    if (entry.type() === 'error') problems.push(entry.text());
  });
  return {
    page,
    problems,
    post: (message) => {
      // As text that the page parses, which is what VS Code does; as source code a long message would take seconds.
      const text = JSON.stringify(JSON.stringify(message));
      void page.evaluate(`window.postMessage(JSON.parse(${text}), '*')`).catch(ignoreClosed);
    },
    load: async (receive) => {
      await page.exposeFunction('toHost', receive);
      const api = await readFile(new URL('page-api.js', import.meta.url), 'utf8');
      await page.addInitScript({ content: `{ const THEME = ${JSON.stringify(theme)};\n${api} }` });
      await page.goto(`${bench.origin}${path}`);
    },
  };
}

/** Opens the trace with the real host side behind it. */
export async function openPanel(
  t: { after(end: () => unknown): void },
  bench: PanelBench,
  source: RunSource & { readonly id: string },
  options: PanelOptions = {},
): Promise<OpenPanel> {
  const { page, problems, post, load } = await openPage(t, bench, '', options);
  const asked: string[] = [];
  const posted: HostMessage['type'][] = [];

  const act = options.act ?? (() => Promise.resolve(undefined));
  const action = (name: PanelAction) => (run: string) => {
    asked.push(`${name} ${run}`);
    return act(name);
  };
  const said = (text: string): Promise<undefined> => {
    asked.push(text);
    return Promise.resolve(undefined);
  };
  const actions: PanelActions = {
    stop: action('stop'),
    pause: action('pause'),
    resume: action('resume'),
    replay: action('replay'),
    rerun: action('rerun'),
    apply: action('apply'),
    undo: action('undo'),
    steer: (_run, text) => said(`steer ${text}`),
    fork: (_run, step) => said(`fork ${step}`),
    decide: (run, step, decision) => said(`${decision} ${run} ${step}`),
    openRun: async (run, step) => {
      await said(`run ${run} ${step ?? ''}`.trim());
    },
    discard: action('discard'),
    export: action('export'),
    openDiff: (_run, path, step) => {
      asked.push(`diff ${path} ${step ?? 'whole run'}`);
      return Promise.resolve();
    },
  };
  const session = new PanelSession(options.run ?? source.id, {
    source,
    actions,
    editor: {
      copy: (copied) => {
        asked.push(`copy ${copied}`);
        return Promise.resolve();
      },
      openJson: (json) => {
        asked.push(`open ${json}`);
        return Promise.resolve();
      },
      showError: (message) => asked.push(`error ${message}`),
    },
    post: (message) => {
      posted.push(message.type);
      post(message);
    },
    ...(options.clock ?? machineClock),
  });
  t.after(() => {
    session.dispose();
  });
  await load((data) => session.receive(data));
  return { page, session, asked, posted, problems };
}

/** A message may be on its way when a test ends. Anything else is a fault. */
function ignoreClosed(error: unknown): void {
  if (!/closed|destroyed/i.test(String(error))) throw error;
}
