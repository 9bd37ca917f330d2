/** Headers that are meant for the next program on the way and no further (RFC 9110, 7.6.1), and those that a proxy sets. */
const hopByHop = [
  'connection',
  'proxy-connection',
  'keep-alive',
  'te',
  'trailer',
  'upgrade',
  'proxy-authorization',
  'proxy-authenticate',
  'proxy-authentication-info',
];

/** Name, value, name, value …, as Node has them and takes them. */
export function endToEnd(raw: readonly string[], kind: 'request' | 'response'): string[] {
  const pairs = Array.from(
    { length: raw.length / 2 },
    (_, i) => [raw[2 * i] ?? '', raw[2 * i + 1] ?? ''] as const,
  );
  const dropped = new Set(hopByHop);
  if (kind === 'request') dropped.add('host').add('expect');
  for (const [name, value] of pairs) {
    if (name.toLowerCase() !== 'connection') continue;
    for (const one of value.split(',')) dropped.add(one.trim().toLowerCase());
  }
  // How long the body is must not be taken away by its being named as a header for one hop.
  for (const name of ['content-length', 'transfer-encoding']) dropped.delete(name);
  return pairs.filter(([name]) => !dropped.has(name.toLowerCase())).flat();
}
