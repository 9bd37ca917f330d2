import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowedHosts, parseTarget } from '../../extension/src/node/docker/egress/allowed-hosts.ts';
import { endToEnd } from '../../extension/src/node/docker/egress/end-to-end-headers.ts';
import { isLoopback, isPublic } from '../../extension/src/node/docker/egress/special-addresses.ts';
import { authorization, upstreamProxy } from '../../extension/src/node/docker/egress/upstream-proxy.ts';

function check(list: readonly string[], asked: string): string {
  const target = parseTarget(asked);
  return target ? allowedHosts('s', list).verdict(target) : 'no target';
}

test('a list allows the hosts that it names, at the ports that it names', () => {
  const list = [
    'api.github.com',
    '*.npmjs.org',
    'example.com:8443',
    '192.168.1.5',
    '[fd00::1]:8080',
    'Bücher.example',
  ];
  const cases: Readonly<Record<string, string>> = {
    'api.github.com:443': 'public',
    'API.GitHub.com.:80': 'public',
    'api.github.com:22': 'refused',
    'github.com:443': 'refused',
    'evil-api.github.com:443': 'refused',
    'api.github.com.evil.org:443': 'refused',
    'registry.npmjs.org:443': 'public',
    'a.b.npmjs.org:443': 'public',
    'npmjs.org:443': 'refused',
    'evilnpmjs.org:443': 'refused',
    'example.com:8443': 'public',
    'example.com:443': 'refused',
    '192.168.1.5:80': 'named',
    '0xc0.0xa8.1.5:80': 'named',
    '3232235781:80': 'named',
    '192.168.1.6:80': 'refused',
    '[fd00::1]:8080': 'named',
    '[FD00:0::1]:8080': 'named',
    'xn--bcher-kva.example:443': 'public',
    'bücher.example:443': 'public',
  };
  for (const [asked, expected] of Object.entries(cases)) assert.equal(check(list, asked), expected, asked);
});

test('a star is every name of the internet, and no address', () => {
  const cases = {
    'example.org:443': 'public',
    'localhost:443': 'refused',
    '127.0.0.1:443': 'refused',
    '[::1]:80': 'refused',
  };
  for (const [asked, expected] of Object.entries(cases)) assert.equal(check(['*'], asked), expected, asked);
  assert.equal(check(['localhost:3000'], 'localhost:3000'), 'named');
  assert.equal(allowedHosts('s', ['localhost:3000']).loopback, true);
  assert.equal(allowedHosts('s', ['*', 'example.org']).loopback, false);
});

test('what names no host is refused with the words that were written', () => {
  for (const wrong of [
    '',
    'https://example.com',
    'a b',
    '*.*.org',
    'exa*mple.com',
    '*.1.2.3.4',
    'x:99999',
    'x:',
    'a/b',
    'u@h',
    'a?b',
    '[::1',
    '::g',
  ])
    assert.throws(() => allowedHosts('s', [wrong]), { code: 'egress-pattern' }, wrong);
});

test('only a host and a port are a target', () => {
  for (const wrong of [
    '',
    'example.com',
    'example.com:',
    'example.com:0',
    'example.com:65536',
    'http://a:80',
    'a b:80',
    'a:80:80',
    'u@a:80',
    '[::1:80',
    'a\\b:80',
    'a%00b:80',
  ])
    assert.equal(parseTarget(wrong), undefined, wrong);
});

test('addresses that are not the public internet', () => {
  const special =
    '0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.9.9.9 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.168.0.1 198.18.0.1 ' +
    '203.0.113.5 224.0.0.1 240.0.0.1 255.255.255.255 168.63.129.16 :: ::1 ::ffff:127.0.0.1 ::ffff:a9fe:a9fe ::127.0.0.1 fe80::1 ' +
    'fe80::1%eth0 fd00:ec2::254 fc00::1 ff02::1 2001:db8::1 2002:7f00:1:: 2001::1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 100::1 nonsense';
  for (const address of special.split(' ')) assert.equal(isPublic(address), false, address);
  for (const address of '1.1.1.1 8.8.8.8 172.32.0.1 192.167.1.1 2606:4700::1111 ::ffff:8.8.8.8 64:ff9b::808:808'.split(
    ' ',
  ))
    assert.equal(isPublic(address), true, address);
  for (const address of '127.0.0.1 127.8.8.8 ::1 ::ffff:127.0.0.1'.split(' '))
    assert.equal(isLoopback(address), true, address);
  for (const address of '10.0.0.1 ::2 1.1.1.1 localhost'.split(' '))
    assert.equal(isLoopback(address), false, address);
});

test('the proxy of the machine, from its environment', () => {
  const env = {
    HTTPS_PROXY: 'http://user:p%40ss@proxy.corp:3128',
    http_proxy: 'plain.corp:8080',
    NO_PROXY: '.intern, other.org:443',
  };
  const through = (host: string, port: number, kind: 'tunnel' | 'plain') =>
    upstreamProxy({ host, port }, kind, env)?.host;
  assert.equal(through('example.com', 443, 'tunnel'), 'proxy.corp:3128');
  assert.equal(through('example.com', 80, 'plain'), 'plain.corp:8080');
  assert.equal(through('git.intern', 443, 'tunnel'), undefined);
  assert.equal(through('other.org', 443, 'tunnel'), undefined);
  assert.equal(through('other.org', 8443, 'tunnel'), 'proxy.corp:3128');
  assert.equal(through('127.0.0.1', 80, 'plain'), undefined);
  assert.equal(upstreamProxy({ host: 'a', port: 1 }, 'tunnel', { all_proxy: 'socks5://x:1' }), undefined);
  assert.equal(authorization(new URL(env.HTTPS_PROXY)), `Basic ${btoa('user:p@ss')}`);
});

test('headers for one hop go no further', () => {
  const raw = [
    'Host',
    'evil',
    'Connection',
    'close, X-Secret',
    'X-Secret',
    '1',
    'Proxy-Authorization',
    'x',
    'Accept',
    '*/*',
  ];
  assert.deepEqual(endToEnd(raw, 'request'), ['Accept', '*/*']);
  assert.deepEqual(endToEnd(['Connection', 'Content-Length', 'Content-Length', '3'], 'request'), [
    'Content-Length',
    '3',
  ]);
});
