import { chromium, type Browser } from 'playwright-core';
import { findOnPath } from '../../../scripts/editor/index.ts';

const flags = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync'],
];

export function findChromium(): string | undefined {
  return (
    process.env['STRATA_CHROMIUM'] ??
    // The shell first: a whole browser opens a window with its own pages for every page, which costs as much as the page.
    findOnPath([
      'chromium-headless-shell',
      'chromium',
      'chromium-browser',
      'google-chrome',
      'google-chrome-stable',
    ])
  );
}

/** Why a part that drives a browser cannot run here, if it cannot. */
export const needsChromium = 'needs Chromium: no chromium or google-chrome on the PATH';

export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(needsChromium);
  return await chromium.launch({
    executablePath,
    args: flags,
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
}
