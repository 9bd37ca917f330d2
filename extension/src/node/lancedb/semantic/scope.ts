import type { DatabaseSync } from 'node:sqlite';
import { kindOf, languageOf, type SearchFilter } from '../../../core/memory/index.ts';
import { quoted } from '../store.ts';
import { globFits, isGlob, literalStart } from './glob.ts';
import { changedSince } from './places/files.ts';

/** What a search looks at, as the table and as we can tell. */
export interface Scope {
  /** What LanceDB can leave out before it ranks; all else is looked at afterwards. */
  readonly where: string | undefined;
  fits(path: string): boolean;
}

/** Every value in `where` is quoted: a path that tries SQL is a path. */
export function scopeOf(places: DatabaseSync, filter: SearchFilter | undefined): Scope {
  const { languages, kinds } = filter ?? {};
  const paths = filter?.paths?.map((path) => path.replace(/^\.?\/+/, '').replace(/\/+$/, ''));
  const tests = paths?.map((path) =>
    isGlob(path)
      ? globFits(path)
      : (found: string) => path === '' || path === '.' || found === path || found.startsWith(`${path}/`),
  );
  const since =
    filter?.changedSince === undefined ? undefined : new Set(changedSince(places, filter.changedSince));
  const conditions = [
    paths === undefined ? undefined : anyOf(paths.map(pathCondition)),
    languages === undefined ? undefined : oneOf('language', languages),
    kinds === undefined ? undefined : oneOf('kind', kinds),
    since === undefined || since.size > MOST_LISTED ? undefined : oneOf('path', [...since]),
  ].filter((condition) => condition !== undefined);
  return {
    where: conditions.length === 0 ? undefined : conditions.join(' AND '),
    fits: (path) =>
      (tests?.some((test) => test(path)) ?? true) &&
      (since?.has(path) ?? true) &&
      (languages?.includes(languageOf(path) ?? '') ?? true) &&
      (kinds?.includes(kindOf(path)) ?? true),
  };
}

const MOST_LISTED = 500;

/** undefined where it would be true of everything. */
function pathCondition(path: string): string | undefined {
  if (isGlob(path)) {
    const start = literalStart(path);
    return start === '' ? undefined : `starts_with(path, ${quoted(start)})`;
  }
  if (path === '' || path === '.') return undefined;
  return `path = ${quoted(path)} OR starts_with(path, ${quoted(`${path}/`)})`;
}

function anyOf(conditions: readonly (string | undefined)[]): string | undefined {
  if (conditions.length === 0) return 'false';
  return conditions.some((condition) => condition === undefined) ? undefined : `(${conditions.join(' OR ')})`;
}

function oneOf(column: string, values: readonly string[]): string {
  return values.length === 0 ? 'false' : `${column} IN (${values.map(quoted).join(', ')})`;
}
