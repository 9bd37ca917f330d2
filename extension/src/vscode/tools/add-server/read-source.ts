import type { NewServer } from '../../../core/tools/index.ts';

export type NewSource = NewServer['source'];
export type SourceKind = NewSource['kind'];

export type ReadSource = { readonly source: NewSource } | { readonly mistake: string };

/**
 * What a person typed or pasted for a server. The lines that READMEs give are understood: `npx -y <package> …` and
 * `docker run -i --rm <image> …`.
 */
export function readSource(kind: SourceKind, text: string): ReadSource {
  const words = wordsIn(text);
  if (!words) return { mistake: 'A quotation mark is not closed.' };
  switch (kind) {
    case 'npm':
      return npmSource(words);
    case 'image':
      return imageSource(words);
    case 'dockerfile':
      return text.trim() === ''
        ? { mistake: 'Name a Dockerfile, or a folder that holds one.' }
        : { source: { kind, path: text.trim(), arguments: [] } };
    case 'command': {
      const [command, ...rest] = words;
      return command === undefined
        ? { mistake: 'Write the command that starts the server.' }
        : { source: { kind, command, arguments: rest } };
    }
    case 'http':
      return httpSource(text.trim());
  }
}

/** https://docs.npmjs.com/cli/configuring-npm/package-json#name, with a version, a range or a tag. */
const PACKAGE = /^(@[a-z0-9~][\w.~-]*\/)?[a-z0-9~][\w.~-]*(@[^\s@/]+)?$/;

function npmSource(given: readonly string[]): ReadSource {
  const words = given[0] === 'npx' ? given.slice(1) : given;
  const start = words.findIndex((word) => !['-y', '--yes', '--'].includes(word));
  const [name, ...rest] = start < 0 ? [] : words.slice(start);
  if (name === undefined)
    return { mistake: 'Name an npm package, such as @modelcontextprotocol/server-memory.' };
  if (!PACKAGE.test(name)) return { mistake: `“${name}” is no name of an npm package.` };
  return { source: { kind: 'npm', package: name, arguments: rest } };
}

/** https://github.com/distribution/reference: a name with a registry, a tag and a digest. */
const IMAGE = /^[a-z0-9][\w.:-]*(\/[a-z0-9][\w.-]*)*(:[\w.-]+)?(@sha256:[a-f0-9]{64})?$/;

function imageSource(given: readonly string[]): ReadSource {
  const isRun = given[0] === 'docker' && given[1] === 'run';
  const words = isRun ? given.slice(2) : given;
  // Strata decides these by itself; another option would be dropped in silence.
  const start = isRun
    ? words.findIndex((word) => !['-i', '-t', '-it', '--rm', '--interactive', '--init'].includes(word))
    : 0;
  const [image, ...rest] = start < 0 ? [] : words.slice(start);
  if (image === undefined) return { mistake: 'Name an image, such as mcp/fetch.' };
  if (image.startsWith('-'))
    return { mistake: `Leave out ${image}: what the server may have is asked for in the next steps.` };
  if (!IMAGE.test(image)) return { mistake: `“${image}” is no name of an image.` };
  return { source: { kind: 'image', image, arguments: rest } };
}

function httpSource(text: string): ReadSource {
  if (!URL.canParse(text)) return { mistake: 'Write an address such as https://mcp.example.com/mcp.' };
  const { protocol, hostname, username, password } = new URL(text);
  if (protocol !== 'https:' && protocol !== 'http:')
    return { mistake: 'The address must begin with https://.' };
  if (protocol === 'http:' && !['localhost', '127.0.0.1', '[::1]'].includes(hostname))
    return { mistake: 'Use https://: only a server on this machine may be reached without encryption.' };
  if (username !== '' || password !== '')
    return { mistake: 'Leave the password out: it would stand in .mcp.json.' };
  return { source: { kind: 'http', url: text, headers: {} } };
}

/** The words of a command line, with quotation marks as shells read them; undefined when one is not closed. */
function wordsIn(text: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (const character of text.trim()) {
    if (quote !== '' && character === quote) quote = '';
    else if (quote === '' && (character === '"' || character === "'")) {
      quote = character;
      word ??= '';
    } else if (quote === '' && /\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  }
  if (word !== undefined) words.push(word);
  return quote === '' ? words : undefined;
}

/** A name that says what the server is for: without scopes, registries, and the words that every server's name has. */
export function suggestName(source: NewSource, taken: readonly string[]): string {
  const base = baseName(source)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/(^|-)(mcp|server)(?=-|$)/g, '$1')
    .replace(/-+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, LONGEST_NAME);
  const name = base === '' ? 'server' : base;
  if (!taken.includes(name)) return name;
  for (let i = 2; ; i += 1) if (!taken.includes(`${name}-${i}`)) return `${name}-${i}`;
}

function baseName(source: NewSource): string {
  switch (source.kind) {
    case 'npm':
      return source.package.replace(/^@[^/]+\//, '').replace(/@.*$/, '');
    case 'image':
      return (source.image.split('/').at(-1) ?? '').replace(/[:@].*$/, '');
    case 'dockerfile':
      return (
        source.path
          .replace(/[\\/]?Dockerfile[^\\/]*$/, '')
          .split(/[\\/]/)
          .at(-1) ?? ''
      );
    case 'command':
      return (
        [source.command, ...source.arguments]
          .toReversed()
          .find((word) => /^[\w./@-]+$/.test(word) && !word.startsWith('-'))
          ?.split('/')
          .at(-1)
          ?.replace(/\.\w+$/, '') ?? ''
      );
    case 'http':
      return new URL(source.url).hostname.replace(/^(www|mcp|api)\./, '').split('.')[0] ?? '';
  }
}

/** A tool's name has 64 characters at most, of which its server's is a part. */
const LONGEST_NAME = 32;

/** What is wrong with a name for a server; undefined for nothing. */
export function nameMistake(name: string, taken: readonly string[]): string | undefined {
  if (!/^[A-Za-z0-9_-]+$/.test(name)) return 'Use letters, digits, “_” and “-”.';
  if (name.length > LONGEST_NAME)
    return `Use at most ${LONGEST_NAME} characters: tools’ names begin with it.`;
  return taken.includes(name) ? `There is a server ${name} already.` : undefined;
}

/** Hosts as a person lists them: with commas or spaces between. */
export function readHosts(
  text: string,
): { readonly hosts: readonly string[] } | { readonly mistake: string } {
  const hosts = text.split(/[\s,]+/).filter((host) => host !== '');
  const wrong = hosts.find((host) => !/^(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/i.test(host));
  if (wrong === undefined) return { hosts };
  return {
    mistake: /:\/\//.test(wrong)
      ? `Write ${hostIn(wrong)}: a host, not an address.`
      : `“${wrong}” is no host such as api.github.com or *.npmjs.org.`,
  };
}

function hostIn(address: string): string {
  return URL.canParse(address) ? new URL(address).host : 'the host alone';
}

/** Names of environment variables as a person lists them. */
export function readSecretNames(
  text: string,
): { readonly names: readonly string[] } | { readonly mistake: string } {
  const names = [...new Set(text.split(/[\s,]+/).filter((name) => name !== ''))];
  const wrong = names.find((name) => !/^[A-Za-z_]\w*$/.test(name));
  if (wrong === undefined) return { names };
  return {
    mistake: wrong.includes('=')
      ? 'Write the name alone: the value is asked for next, and kept in the secret storage.'
      : `“${wrong}” is no name of an environment variable.`,
  };
}
