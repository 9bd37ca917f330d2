/** What is wrong with an address that texts are to be sent to, as the end of a sentence; undefined when it is in order. */
export function addressFlaw(address: string): string | undefined {
  if (!URL.canParse(address)) return 'is no address; write it with http:// or https://';
  const { protocol, username, password, search, hash } = new URL(address);
  if (protocol !== 'http:' && protocol !== 'https:') return 'begins with neither http:// nor https://';
  if (username !== '' || password !== '') return 'has a name or a password in it; use “keyName”';
  return search === '' && hash === '' ? undefined : 'has something after a “?” or a “#”';
}
