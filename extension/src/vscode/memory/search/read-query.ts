import { languageOf, type ChunkKind, type SearchFilter } from '../../../core/memory/index.ts';

/** What a person typed into the search: words, and what the results are limited to. */
export interface ReadQuery {
  readonly words: string;
  readonly filter?: SearchFilter;
  /** Prefixes whose value says nothing, as they were typed. They limit nothing. */
  readonly unknown: readonly string[];
}

const KINDS: readonly ChunkKind[] = ['code', 'docs', 'notebook', 'config', 'text'];
const UNITS = { h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 } as const;

/**
 * Takes `lang:ts`, `kind:docs`, `path:src/**` and `since:7d` out of a query. Several of one kind mean any of them; a value may
 * have several by commas, and quotes where it has blanks. What stands in quotes otherwise is left as it is.
 */
export function readQuery(typed: string, now: number): ReadQuery {
  const paths: string[] = [];
  const languages: string[] = [];
  const kinds: ChunkKind[] = [];
  const unknown: string[] = [];
  let changedSince: number | undefined;
  const words = typed.replace(PREFIX, (_, key: string, quoted: string | undefined, bare = '') => {
    for (const value of (quoted ?? String(bare)).split(',').filter((one) => one !== '')) {
      const kind = /^kind$/i.test(key) ? kindOf(value) : undefined;
      const since = /^since$/i.test(key) ? sinceOf(value, now) : undefined;
      if (/^(lang|language)$/i.test(key)) languages.push(languageOf(`x.${value}`) ?? value.toLowerCase());
      else if (/^(path|in)$/i.test(key)) paths.push(value.replace(/^\.?\//, ''));
      else if (kind) kinds.push(kind);
      else if (since !== undefined) changedSince = since;
      else unknown.push(`${key}:${value}`);
    }
    return ' ';
  });
  const filter: SearchFilter = {
    ...(paths.length > 0 ? { paths } : {}),
    ...(languages.length > 0 ? { languages } : {}),
    ...(kinds.length > 0 ? { kinds } : {}),
    ...(changedSince === undefined ? {} : { changedSince }),
  };
  return {
    words: words.replace(/\s+/g, ' ').trim(),
    ...(Object.keys(filter).length > 0 ? { filter } : {}),
    unknown,
  };
}

/** A prefix begins a word, so that `std::path:x` and addresses stay words. */
const PREFIX = /(?<=^|\s)(lang|language|kind|path|in|since):(?:"([^"]*)"|(\S+))/gi;

function kindOf(value: string): ChunkKind | undefined {
  return KINDS.find((kind) => kind === value.toLowerCase());
}

function sinceOf(value: string, now: number): number | undefined {
  const [, count, unit] = /^(\d{1,5})([hdw])$/i.exec(value) ?? [];
  if (count !== undefined && unit !== undefined) {
    const ms = unit.toLowerCase() === 'h' ? UNITS.h : unit.toLowerCase() === 'w' ? UNITS.w : UNITS.d;
    return now - Number(count) * ms;
  }
  const day = /^\d{4}-\d{2}-\d{2}$/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(day) ? undefined : day;
}
