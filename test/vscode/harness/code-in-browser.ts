#!/usr/bin/env node
// A stand-in for the desktop's `code` executable in tests: it takes the flags that @vscode/test-electron passes and
// runs the same tests in the extension host of VS Code's server, with the workbench in a headless Chromium.
import { mkdtemp, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEditor } from '../../../scripts/editor/index.ts';
import { launchChromium } from './chromium.ts';
import { hostVariables } from './results.ts';

const openLimitMs = 60_000;

const values = (name: string): readonly string[] =>
  process.argv.flatMap((arg) => (arg.startsWith(`--${name}=`) ? [arg.slice(name.length + 3)] : []));
const value = (name: string): string | undefined => values(name)[0];
const folder = process.argv.slice(2).find((arg) => !arg.startsWith('-'));
const testsPath = value('extensionTestsPath');
const developmentPaths = values('extensionDevelopmentPath');
if (testsPath === undefined || developmentPaths.length === 0)
  throw new Error('pass --extensionDevelopmentPath=… and --extensionTestsPath=…');

// Without a folder from the runner it makes its own; either way the guard of the server removes it.
const scratch = process.env[hostVariables.scratch] ?? (await mkdtemp(path.join(tmpdir(), 'strata-code-')));
const temporary = path.join(scratch, 'tmp');
await mkdir(temporary, { recursive: true });
// Playwright and Chromium put their profiles here, so that they go with the rest also after a kill.
process.env['TMPDIR'] = temporary;

const finished = Promise.withResolvers<number>();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => finished.resolve(1));
// The runner holds the other end: it closes when the runner dies, however it died.
process.stdin.resume().once('close', () => finished.resolve(1));
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => finished.resolve(1));

const editor = await startEditor({
  dataDir: value('user-data-dir') ?? path.join(scratch, 'data'),
  extensionsDir: value('extensions-dir') ?? path.join(scratch, 'extensions'),
  ...(folder === undefined ? {} : { folder: path.resolve(folder) }),
  workspaceTrust: !process.argv.includes('--disable-workspace-trust'),
  smokeTestDriver: true,
  remove: [scratch],
});
void editor.ended.then(() => finished.resolve(1));

let code = 1;
try {
  const browser = await launchChromium();
  try {
    browser.once('disconnected', () => finished.resolve(1));
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.once('crash', () => finished.resolve(1));
    await page.exposeFunction('codeAutomationExit', (exit: number) => finished.resolve(exit));
    await page.exposeFunction('codeAutomationLog', (type: string, args: readonly unknown[]) =>
      console.log(`[${type}]`, ...args),
    );
    const remote = (file: string): string => `vscode-remote://127.0.0.1:${editor.port}${file}`;
    const url = new URL(editor.url);
    const payload = [
      ['skipWelcome', 'true'],
      ['skipReleaseNotes', 'true'],
      ...developmentPaths.map((developed) => ['extensionDevelopmentPath', remote(developed)]),
      ['extensionTestsPath', remote(testsPath)],
    ];
    url.searchParams.set('payload', JSON.stringify(payload));
    await page.goto(url.href, { timeout: openLimitMs });
    code = await finished.promise;
  } finally {
    await browser.close();
  }
} finally {
  await editor.stop();
}
process.exit(code);
