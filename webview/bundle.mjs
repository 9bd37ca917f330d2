import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));

/**
 * How the panels' pages are bundled: `trace.js`, `metrics.js`, `compare.js` and their style sheets in `outdir`. Used by the build and by the tests.
 * @param {string} outdir
 * @returns {import('esbuild').BuildOptions}
 */
export function panelBundle(outdir) {
  return {
    entryPoints: {
      trace: join(folder, 'src/main.ts'),
      metrics: join(folder, 'src/metrics/main.ts'),
      compare: join(folder, 'src/compare/main.ts'),
    },
    outdir,
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    // The Chromium of VS Code 1.106, the oldest that the extension runs in.
    target: 'chrome138',
    plugins: [icons, toolkitTexts],
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'warning',
  };
}

/**
 * Icons as the text of their shapes; what is around these is the same for all. They are drawn 16 pixels wide from numbers with
 * up to 15 decimals, of which a screen shows one, and the rest is half of their size.
 * @type {import('esbuild').Plugin}
 */
const icons = {
  name: 'icons',
  setup: (build) => {
    build.onLoad({ filter: /\.svg$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const shapes = text.replace(/^<svg[^>]*>|<\/svg>\s*$| clip-rule="evenodd"/g, '');
      return { contents: shapes.replace(/\d*\.\d+/g, shortNumber), loader: 'text' };
    });
  },
};

/**
 * The style sheets and elements of the toolkit are texts in its scripts, which no minifier looks into: they are as long as in
 * the source.
 * @type {import('esbuild').Plugin}
 */
const toolkitTexts = {
  name: 'toolkit-texts',
  setup: (build) => {
    const filter = /(webview-ui-toolkit|fast-foundation)[\\/]dist[\\/].*(styles|template)\.js$/;
    build.onLoad({ filter }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const contents = text
        .replace(/\n[\t ]+/g, '\n')
        .replace(/css `[^`]*`/g, (sheet) => sheet.replace(/([;{,])\n/g, '$1'));
      return { contents, loader: 'js' };
    });
  },
};

/**
 * @param {string} digits
 * @param {number} offset
 * @param {string} text
 */
function shortNumber(digits, offset, text) {
  const short = String(Math.round(Number(digits) * 10) / 10).replace(/^0\./, '.');
  // `1.02.5` is two numbers, which the point of the second one told apart.
  return /\d/.test(text[offset - 1] ?? '') ? ` ${short}` : short;
}
