import {
  EXPANSION_WEIGHT,
  candidatesFor,
  kindOf,
  languageOf,
  rankHits,
  type Candidate,
  type Hit,
  type SearchFilter,
} from '../../../core/memory/index.ts';
import type { VectorLeg } from '../legs.ts';
import type { LanceDb } from '../load.ts';
import type { Opened } from './opened.ts';
import { matchingRows, rowsOf, type FoundRow } from './chunk-table.ts';
import type { FreshRows } from './fresh-rows.ts';
import { piecesByContent, piecesById, type KnownPiece } from './places/pieces.ts';
import { livePieces, type PlacedPiece } from './places/versions.ts';
import { corpusFacts, rowsWith } from './places/words.ts';
import { scopeOf, type Scope } from './scope.ts';

export interface Asked {
  readonly query: string;
  readonly limit: number;
  readonly filter?: SearchFilter;
  readonly expansions?: readonly string[];
}

export interface Searched {
  readonly lancedb: LanceDb;
  readonly fresh: FreshRows;
  readonly vectors: VectorLeg | undefined;
}

/** The best hits, best first: by words, and by meaning where there are vectors. */
export async function search(
  opened: Opened,
  { lancedb, fresh, vectors }: Searched,
  asked: Asked,
  signal: AbortSignal,
): Promise<Hit[]> {
  const { query, limit } = asked;
  if (limit === 0) return [];
  const scope = scopeOf(opened.places, asked.filter);
  const live = new LivePlaces(opened);
  const wanted = candidatesFor(limit);
  const queries = [query, ...(asked.expansions ?? [])];
  const [nearest, ...lists] = await Promise.all([
    nearestPieces(opened, vectors, live, scope, { query, wanted, signal }),
    ...queries.map((one) => matchingPieces(opened, lancedb, fresh, live, scope, { query: one, wanted })),
  ]);
  signal.throwIfAborted();
  const rows = new Map<string, RowText>(
    lists.flatMap(({ rows }) => rows.map((row) => [row.id, row] as const)),
  );
  const found = [...lists.flatMap(({ scored }) => scored), ...nearest];
  const missing = new Set(found.map(({ piece }) => piece.id).filter((id) => !rows.has(id)));
  for (const row of await rowsOf(opened.table, [...missing])) rows.set(row.id, row);
  const candidates = (scored: readonly Scored[]): Candidate[] =>
    scored.flatMap(({ piece, score }) => {
      const row = rows.get(piece.id);
      return row === undefined ? [] : [candidateOf(piece, row, live.of(piece), score)];
    });
  return rankHits({
    query,
    lists: queries.map((one, at) => ({
      query: one,
      weight: at === 0 ? 1 : EXPANSION_WEIGHT,
      candidates: candidates(lists[at]?.scored ?? []),
    })),
    nearest: candidates(nearest),
    nearestWeight: vectors?.weight ?? 0,
    limit,
  });
}

interface Scored {
  readonly piece: KnownPiece;
  readonly score: number;
}

interface Matching {
  readonly scored: readonly Scored[];
  readonly rows: readonly FoundRow[];
}

async function matchingPieces(
  { table, places }: Opened,
  lancedb: LanceDb,
  fresh: FreshRows,
  live: LivePlaces,
  scope: Scope,
  { query, wanted }: { readonly query: string; readonly wanted: number },
): Promise<Matching> {
  const corpus = { ...corpusFacts(places), rowsWith: (word: string) => rowsWith(places, word) };
  for (let asked = wanted; ; asked *= 4) {
    const indexed = await matchingRows(lancedb, table, query, scope.where, asked);
    const added = fresh.search(query, corpus, asked, scope.fits);
    const matching = [...indexed, ...added];
    const scores = new Map<string, number>();
    // A row whose text index was just brought up to date may be in both.
    for (const { id, score } of matching) scores.set(id, Math.max(score, scores.get(id) ?? 0));
    const known = piecesById(places, [...scores.keys()]);
    const found = [...scores]
      .flatMap(([id, score]) => {
        const piece = known.get(id);
        return piece === undefined ? [] : [{ piece, score }];
      })
      .filter(({ piece }) => scope.fits(piece.path) && live.of(piece).length > 0)
      .sort((a, b) => b.score - a.score);
    // Rows of other branches and beyond the filter take places among those that were asked for.
    const isAll = indexed.length < asked && added.length < asked;
    if (found.length >= wanted || isAll || asked >= MOST_ASKED)
      return { scored: found.slice(0, wanted), rows: matching };
  }
}

const MOST_ASKED = 2_000;

async function nearestPieces(
  { places }: Opened,
  vectors: VectorLeg | undefined,
  live: LivePlaces,
  scope: Scope,
  {
    query,
    wanted,
    signal,
  }: { readonly query: string; readonly wanted: number; readonly signal: AbortSignal },
): Promise<Scored[]> {
  const found = (await vectors?.nearest(query, wanted, signal)) ?? [];
  const similar = new Map(found.map(({ content, similarity }) => [content, similarity]));
  return piecesByContent(places, [...similar.keys()])
    .filter((piece) => scope.fits(piece.path) && live.of(piece).length > 0)
    .map((piece) => ({ piece, score: similar.get(piece.content) ?? 0 }))
    .sort((a, b) => b.score - a.score);
}

/** Where pieces stand now; each file is looked up once in a search. */
class LivePlaces {
  readonly #read: (path: string) => PlacedPiece[];
  readonly #files = new Map<string, PlacedPiece[]>();

  constructor({ places }: Opened) {
    this.#read = livePieces(places);
  }

  of({ path, number }: KnownPiece): PlacedPiece[] {
    let pieces = this.#files.get(path);
    if (pieces === undefined) {
      pieces = this.#read(path);
      this.#files.set(path, pieces);
    }
    return pieces.filter((placed) => placed.number === number);
  }
}

type RowText = Pick<FoundRow, 'symbol' | 'text'>;

function candidateOf(
  { id, content, path }: KnownPiece,
  { symbol, text }: RowText,
  places: readonly PlacedPiece[],
  score: number,
): Candidate {
  const language = languageOf(path);
  return {
    ...{ id, content, path, kind: kindOf(path), text, score },
    ...(symbol === undefined ? {} : { symbol }),
    ...(language === undefined ? {} : { language }),
    places: places.map(({ startLine, endLine }) => ({ startLine, endLine })),
  };
}
