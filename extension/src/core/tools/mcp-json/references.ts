/** A value with `${…}` in it, as editors and other programs write them. */
export interface Reference {
  /** The whole of it, such as `${env:TOKEN}`. */
  readonly text: string;
  readonly kind: 'environment' | 'input' | 'workspace' | 'unknown';
  /** Of the environment variable, or of the input. */
  readonly name: string;
  /** After `:-`. */
  readonly otherwise?: string;
}

/** Where the workspace folder is for a server in its container. */
export const WORKSPACE = '/workspace';

export function referencesIn(text: string): readonly Reference[] {
  return Array.from(text.matchAll(PATTERN), (match) => referenceOf(match[0], match[1] ?? ''));
}

/** With each reference replaced by what it stands for. */
export function replaceReferences(text: string, valueOf: (reference: Reference) => string): string {
  return text.replace(PATTERN, (whole: string, inner: string) => valueOf(referenceOf(whole, inner)));
}

const PATTERN = /\$\{([^{}]*)\}/g;

function referenceOf(text: string, inner: string): Reference {
  if (/^workspace(Folder|Root)(:[^}]*)?$/.test(inner)) return { text, kind: 'workspace', name: '' };
  const [, prefix, name, otherwise] = /^(?:(env|input):)?([A-Za-z_][\w.-]*)(?::-(.*))?$/s.exec(inner) ?? [];
  if (name === undefined) return { text, kind: 'unknown', name: inner };
  return {
    text,
    kind: prefix === 'input' ? 'input' : 'environment',
    name,
    ...(otherwise === undefined ? {} : { otherwise }),
  };
}
