import { BlockList, isIP } from 'node:net';

/**
 * IPv4 that is not the public internet (IANA, "IPv4 Special-Purpose Address Space"), with the metadata address of clouds,
 * 169.254.169.254, among the link-local ones.
 */
const special4 = blockList('ipv4', [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '168.63.129.16/32', // Azure's own services, in an otherwise public range.
]);

/** Of IPv6 only this much was ever given out for the internet; everything else is special. */
const global6 = blockList('ipv6', ['2000::/3']);
const special6 = blockList('ipv6', [
  '2001::/23', // Protocols, among them Teredo, which carries an IPv4 address.
  '2001:db8::/32',
  '2002::/16', // 6to4, which carries one too.
  '3fff::/20',
]);
/** IPv4 as seen from networks that have IPv6 only: as public as the address that it carries. */
const nat64 = blockList('ipv6', ['64:ff9b::/96']);
const mapped = blockList('ipv6', ['::ffff:0:0/96']);

/** Whether an address, as text, is one of the public internet. What is no address is not. */
export function isPublic(address: string): boolean {
  const [plain = ''] = address.split('%');
  switch (isIP(plain)) {
    case 4:
      return !special4.check(plain, 'ipv4');
    case 6:
      if (mapped.check(plain, 'ipv6') || nat64.check(plain, 'ipv6')) return isPublic(lastFourBytes(plain));
      return global6.check(plain, 'ipv6') && !special6.check(plain, 'ipv6');
    default:
      return false;
  }
}

export function isLoopback(address: string): boolean {
  return loopback4.check(address, 'ipv4') || (isIP(address) === 6 && loopback6.check(address, 'ipv6'));
}

const loopback4 = blockList('ipv4', ['127.0.0.0/8']);
const loopback6 = blockList('ipv6', ['::1/128', '::ffff:127.0.0.0/104']);

/** URL writes an IPv6 address in its shortest form with hexadecimal digits alone. */
function lastFourBytes(address: string): string {
  const { hostname } = new URL(`http://[${address}]`);
  const [high = 0, low = 0] = hostname
    .slice(1, -1)
    .split(':')
    .slice(-2)
    .map((part) => Number.parseInt(part || '0', 16));
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}

function blockList(family: 'ipv4' | 'ipv6', subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [network = '', bits = ''] = subnet.split('/');
    list.addSubnet(network, Number(bits), family);
  }
  return list;
}
