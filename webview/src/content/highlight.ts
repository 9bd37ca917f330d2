import bash from '@speed-highlight/core/languages/bash.js';
import c from '@speed-highlight/core/languages/c.js';
import css from '@speed-highlight/core/languages/css.js';
import diff from '@speed-highlight/core/languages/diff.js';
import go from '@speed-highlight/core/languages/go.js';
import html from '@speed-highlight/core/languages/html.js';
import java from '@speed-highlight/core/languages/java.js';
import js from '@speed-highlight/core/languages/js.js';
import json from '@speed-highlight/core/languages/json.js';
import py from '@speed-highlight/core/languages/py.js';
import rs from '@speed-highlight/core/languages/rs.js';
import toml from '@speed-highlight/core/languages/toml.js';
import ts from '@speed-highlight/core/languages/ts.js';
import yaml from '@speed-highlight/core/languages/yaml.js';
import type { ShjLanguageData } from '@speed-highlight/core/tokenize';
import { tokenizeWith } from '@speed-highlight/core/tokenize';
import { h } from '../dom.ts';

/** The library's own names; what is written inside of another language is found by them too. */
const languages = {
  ...{ bash, c, css, diff, go, html, java, js, json, py, rs, toml, ts, yaml },
  // The library's own type of its languages forgets that what is absent may be undefined.
} as Record<string, ShjLanguageData>;

const aliases: Readonly<Record<string, string>> = {
  ...{ javascript: 'js', jsx: 'js', mjs: 'js', cjs: 'js', typescript: 'ts', tsx: 'ts', mts: 'ts' },
  ...{ python: 'py', rust: 'rs', sh: 'bash', shell: 'bash', zsh: 'bash', console: 'bash' },
  ...{ jsonc: 'json', yml: 'yaml', xml: 'html', svg: 'html', vue: 'html', patch: 'diff' },
  ...{ cpp: 'c', h: 'c', hpp: 'c', cc: 'c', golang: 'go', kt: 'java', cs: 'java', scss: 'css' },
};

/** Characters of code that are coloured; longer code is shown in one colour, for its rules go over it again and again. */
const LONGEST = 20_000;

/** Code with its words coloured, where the language is known. Everything in it becomes a text node. */
export function codeBlock(code: string, language: string | undefined): HTMLElement {
  const data = languageOf(language);
  if (!data || code.length > LONGEST) return h('pre', { class: 'block' }, code);
  const block = h('pre', { class: 'block code-block' });
  tokenizeWith(
    code,
    data,
    (text, type) => {
      block.append(type === undefined ? text : h('span', { class: `token-${type}` }, text));
    },
    { languages },
  );
  return block;
}

/** By the end of the file's name. */
export function languageOfPath(path: string): string | undefined {
  return /\.(\w+)$/.exec(path)?.[1];
}

function languageOf(name: string | undefined): ShjLanguageData | undefined {
  const key = name?.toLowerCase().trim() ?? '';
  const known = aliases[key] ?? key;
  return Object.hasOwn(languages, known) ? languages[known] : undefined;
}
