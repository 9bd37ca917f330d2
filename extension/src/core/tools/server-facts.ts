import type { StrataError } from '../../base/errors.ts';
import type { Redaction } from './redaction.ts';
import type { ServerDefinition } from './server-definition.ts';

/** What is known of a server beside its tools. It may be asked for at each call, since images and secrets come late. */
export interface ServerFacts {
  readonly definition: ServerDefinition;
  /** Fingerprints of its tools as a person has accepted them, by their own names; absent before it was set up. */
  readonly accepted?: ReadonlyMap<string, string>;
  /** Of the secrets that it was given. */
  readonly redaction?: Redaction;
  /** Id of the image that it runs from. */
  readonly image?: string;
  /** Why it lists only some of its tools now. To call one of the others is no mistake: this is what the call ends with. */
  readonly lacking?: StrataError;
}

/** In words of one each: what a server's tools are about, for whoever looks for one. */
export function tagsOf({ origin, name, sandbox, source }: ServerDefinition): readonly string[] {
  if (origin === 'built-in') return BUILT_IN_TAGS[name] ?? [name];
  return [
    name,
    ...(sandbox.files === 'none' ? [] : ['files']),
    ...(sandbox.network.length > 0 || source.kind === 'http' ? ['network'] : []),
  ];
}

const BUILT_IN_TAGS: Readonly<Record<string, readonly string[]>> = {
  files: ['files'],
  shell: ['commands'],
  code: ['code', 'commands'],
  git: ['git', 'files'],
  web: ['web', 'network'],
};
