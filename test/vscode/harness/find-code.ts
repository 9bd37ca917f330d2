import path from 'node:path';
import { downloadAndUnzipVSCode, SilentReporter } from '@vscode/test-electron';
import { projectRoot } from '../../../scripts/editor/index.ts';
import { findChromium, needsChromium } from './chromium.ts';

export type FoundCode = { readonly executable: string; readonly what: string } | { readonly missing: string };

/** The VS Code that the host suites run in: the one named, a desktop build where it can show itself, else ours. */
export async function findCode(): Promise<FoundCode> {
  const named = process.env['VSCODE_EXECUTABLE_PATH'];
  if (named !== undefined && named !== '') return { executable: named, what: named };
  if (hasDisplay()) {
    const cachePath = path.join(projectRoot, '.cache', 'vscode-desktop');
    try {
      const executable = await downloadAndUnzipVSCode({
        cachePath,
        reporter: new SilentReporter(),
        timeout: 30_000,
      });
      return { executable, what: 'desktop VS Code' };
    } catch (error) {
      console.log(
        `no desktop VS Code (${error instanceof Error ? error.message : String(error)}); using the server from npm`,
      );
    }
  }
  if (findChromium() === undefined) return { missing: needsChromium };
  if (process.platform === 'win32') return { missing: 'needs a desktop VS Code: set VSCODE_EXECUTABLE_PATH' };
  return {
    executable: path.join(import.meta.dirname, 'code-in-browser.ts'),
    what: "VS Code's server in Chromium",
  };
}

function hasDisplay(): boolean {
  return (
    process.platform !== 'linux' ||
    process.env['DISPLAY'] !== undefined ||
    process.env['WAYLAND_DISPLAY'] !== undefined
  );
}
