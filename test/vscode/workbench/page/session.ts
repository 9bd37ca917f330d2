import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { startEditor } from '../../../../scripts/editor/index.ts';
import { fewBuiltinExtensions } from '../../harness/builtin-extensions.ts';
import { launchChromium } from '../../harness/chromium.ts';
import { installedVariable, installForTests } from '../../harness/installed.ts';
import { Workbench } from './workbench.ts';

export interface SessionOptions {
  /** Copied into the session's own folder. */
  readonly workspace?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Opens folders restricted until a person trusts them. */
  readonly workspaceTrust?: boolean;
}

export interface Session {
  /** The session's copy of the workspace. */
  readonly workspace: string;
  /** What the extension keeps of all folders. */
  readonly home: string;
  /** Opens the workspace, or an empty window, in a browser page of its own. */
  open(what?: 'workspace' | 'empty'): Promise<Workbench>;
  close(): Promise<void>;
}

/** A fresh VS Code with the packed extension installed and a browser; everything of it is gone after `close()`. */
export async function startSession(options: SessionOptions = {}): Promise<Session> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'strata-workbench-'));
  const undo: (() => Promise<void> | void)[] = [
    async () => await rm(scratch, { recursive: true, force: true, maxRetries: 5 }),
  ];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const dataDir = path.join(scratch, 'data');
    const [workspace, temporary] = [path.join(scratch, 'workspace'), path.join(scratch, 'tmp')];
    const home = path.join(scratch, 'strata');
    await Promise.all([workspace, temporary, dataDir].map(async (folder) => await mkdir(folder)));
    if (options.workspace !== undefined) await cp(options.workspace, workspace, { recursive: true });
    const extensionsDir = process.env[installedVariable] ?? (await installForTests(scratch));
    // What has to do with chat is tested beside the assistant that comes with VS Code.
    const all = options.settings?.['chat.disableAIFeatures'] === false;
    const editor = await startEditor({
      ...{ dataDir, extensionsDir, remove: [scratch], workspaceTrust: options.workspaceTrust === true },
      ...(all ? {} : { builtinExtensionsDir: await fewBuiltinExtensions(path.join(scratch, 'builtin')) }),
      // What the extension keeps, and its temporary files, belong to the session too.
      env: { TMPDIR: temporary, STRATA_HOME: home, ...options.env },
      settings: {
        'security.workspace.trust.enabled': options.workspaceTrust === true,
        // From the first moment: to choose one in a pick draws the window in those that it passes.
        'workbench.colorTheme': 'Dark 2026',
        ...options.settings,
      },
    });
    undo.push(editor.stop);
    // Browser profiles go with the session also after a kill.
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = temporary;
    undo.push(() => {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    });
    const browser = await launchChromium();
    undo.push(async () => await browser.close());
    return {
      workspace,
      home,
      close,
      open: async (what = 'workspace') => {
        const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
        const url = new URL(editor.url);
        if (what === 'workspace') url.searchParams.set('folder', workspace);
        else url.searchParams.set('ew', 'true');
        const workbench = await Workbench.open(await context.newPage(), url.href);
        await workbench.shows('dark').waitFor();
        return workbench;
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A failing test leaves a picture behind where `STRATA_SCREENSHOTS` says. */
export async function pictureOnFailure(
  t: TestContext,
  workbench: Workbench,
  body: () => Promise<void>,
): Promise<void> {
  try {
    await body();
  } catch (error) {
    await workbench.screenshot(`failed-${t.name.replaceAll(/\W+/g, '-')}`);
    throw error;
  }
}

/** The parts of a long test, each of which begins where the one before it ended: after one that failed none is tried. */
export function partsOf(
  t: TestContext,
  workbench: Workbench,
): (name: string, body: () => Promise<void>) => Promise<void> {
  return async (name, body) => {
    let passed = false;
    await t.test(name, async (inner) => {
      await pictureOnFailure(inner, workbench, body);
      passed = true;
    });
    assert.ok(passed, `stopped after: ${name}`);
  };
}
