/** An object as it lies in the bucket. */
export interface StoredObject {
  readonly body: Buffer;
  readonly etag: string;
  readonly modified: Date;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** One page of `ListObjectsV2`. */
export function listing(
  bucket: string,
  objects: ReadonlyMap<string, StoredObject>,
  query: URLSearchParams,
): Answer {
  const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter') ?? ''];
  const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
  const most = Math.min(Number(query.get('max-keys') ?? PAGE), PAGE);
  const folded = new Map<string, string>();
  for (const key of [...objects.keys()].sort()) {
    if (!key.startsWith(prefix)) continue;
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const entry = end < 0 ? key : key.slice(0, end + delimiter.length);
    if (entry > after && !folded.has(entry)) folded.set(entry, key);
  }
  const page = [...folded].slice(0, most);
  const last = page.at(-1)?.[0];
  const isCut = folded.size > page.length && last !== undefined;
  const entries = page.map(([entry, key]) => {
    const object = objects.get(key);
    return entry !== key || object === undefined
      ? `<CommonPrefixes><Prefix>${escaped(entry)}</Prefix></CommonPrefixes>`
      : `<Contents><Key>${escaped(key)}</Key><LastModified>${object.modified.toISOString()}</LastModified>` +
          `<ETag>${escaped(object.etag)}</ETag><Size>${String(object.body.length)}</Size></Contents>`;
  });
  return xml(
    200,
    `<ListBucketResult><Name>${bucket}</Name><Prefix>${escaped(prefix)}</Prefix>` +
      `<KeyCount>${String(page.length)}</KeyCount><MaxKeys>${String(most)}</MaxKeys>` +
      `<IsTruncated>${String(isCut)}</IsTruncated>` +
      (isCut ? `<NextContinuationToken>${escaped(last)}</NextContinuationToken>` : '') +
      `${entries.join('')}</ListBucketResult>`,
  );
}

const PAGE = 1_000;

/** The whole object, or the bytes that were asked for. */
export function content(object: StoredObject | undefined, range: string | undefined): Answer {
  if (object === undefined) return failure(404, 'NoSuchKey', 'The specified key does not exist.');
  const headers = {
    etag: object.etag,
    'last-modified': object.modified.toUTCString(),
    'accept-ranges': 'bytes',
    'content-type': 'application/octet-stream',
  };
  const size = object.body.length;
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? [];
  if (first === '' && last === '') return { status: 200, headers, body: object.body };
  const from = first === '' ? Math.max(size - Number(last), 0) : Number(first);
  const to = first === '' || last === '' ? size : Math.min(Number(last) + 1, size);
  if (from >= size) return failure(416, 'InvalidRange', 'The requested range is not satisfiable.');
  const span = { 'content-range': `bytes ${String(from)}-${String(to - 1)}/${String(size)}` };
  return { status: 206, headers: { ...headers, ...span }, body: object.body.subarray(from, to) };
}

export function failure(status: number, code: string, message: string): Answer {
  return xml(status, `<Error><Code>${code}</Code><Message>${message}</Message></Error>`);
}

export function xml(status: number, body: string): Answer {
  return {
    status,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
  };
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
