/** Names that tools begin with which no server of other people may take: rules such as `files_*` would be theirs too. */
const RESERVED = ['memory', 'files', 'shell', 'code', 'git', 'web', 'agents', 'tools', 'node', 'editor'];

/** Leaves room for the name of a tool in the 64 characters that providers take. */
const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,31}$/;

/** Why a server cannot be called this, as a clause; undefined when it can. */
export function serverNameMistake(name: string): string | undefined {
  if (!NAME.test(name))
    return 'must have up to 32 letters, digits, "_" and "-", and begin with a letter, to be the name of a server';
  const taken = RESERVED.find((one) => name === one || name.startsWith(`${one}_`));
  if (taken === undefined) return undefined;
  if (taken === 'editor') return 'begins like the tools of the editor’s own servers; choose another name';
  return name === taken
    ? 'is the name of a server that comes with Strata; choose another one'
    : `begins like the tools of Strata's own server ${taken}, whose rules would then hold for it; choose another name`;
}
