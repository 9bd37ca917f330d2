import { packageNameInvalid } from './errors.ts';

export interface PackageSpec {
  readonly name: string;
  /** A version, a range or a tag. */
  readonly wanted: string;
}

const name = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/i;
/** No `:` and no `/`: those are addresses, folders, repositories and aliases, which npm takes as well. */
const wanted = /^[\w.\-+~^<>=|*\s]+$/;

/** Only what comes from a registry by name. */
export function parsePackage(spec: string): PackageSpec {
  const text = spec.trim();
  const at = text.indexOf('@', 1);
  const found = at < 0 ? { name: text, wanted: 'latest' } : split(text, at);
  if (!name.test(found.name) || found.name.length > 214 || !wanted.test(found.wanted))
    throw packageNameInvalid(spec);
  return found;
}

function split(text: string, at: number): PackageSpec {
  return { name: text.slice(0, at), wanted: text.slice(at + 1).trim() || 'latest' };
}
