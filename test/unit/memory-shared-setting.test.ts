import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStrataError } from '../../extension/src/base/errors.ts';
import { projectName, readSharedSetting, sharedPlaceFrom } from '../../extension/src/core/memory/index.ts';
import { boundKeyName, type Keys } from '../../extension/src/core/models/keys.ts';

const NOTHING_KEPT: Keys = { get: () => Promise.resolve(undefined) };

/** What is said of the setting, or what it was taken as. */
function said(uri: unknown, storageOptions?: unknown): string {
  try {
    return `taken as ${JSON.stringify(readSharedSetting(uri, storageOptions))}`;
  } catch (error) {
    assert.ok(isStrataError(error));
    assert.equal(error.code, 'memory-shared-setting');
    return error.message;
  }
}

/** The place of the project shop-1 at an address, with this key kept for it. */
async function placeAt(uri: string, key?: string, env: Readonly<Record<string, string>> = {}) {
  const setting = readSharedSetting(uri, { region: 'here' });
  assert.ok(setting);
  const keys: Keys = {
    get: (name) => Promise.resolve(name === boundKeyName('memory', setting.uri) ? key : undefined),
  };
  return await sharedPlaceFrom(setting, 'shop-1', { keys, env });
}

test('without an address the memory stays on this machine', () => {
  for (const none of [undefined, null, '', '  ', '/'])
    assert.equal(readSharedSetting(none, { region: 'here' }), undefined, String(none));
});

test('an address of each scheme is taken as it stands, without what a person adds at its ends', () => {
  for (const uri of ['s3://team/strata', 'gs://team', 'az://box/a/b', 'db://team-1'])
    assert.deepEqual(readSharedSetting(` ${uri}/ `, undefined), { uri, storageOptions: {} });
});

test('what is no such address is refused with examples of those that are', () => {
  const wrong = ['http://team/x', '/mnt/team', 'S3://team', 's3:team', 's3://', 'gs:///', 'az://', 'db://'];
  for (const uri of [...wrong, 's3://a b', 's3://key@team', 's3://team?x=1', 'gs://team#x'])
    assert.match(said(uri), /“uri” is not an address such as s3:\/\/bucket\/folder/, uri);
  assert.match(said(7), /“uri” is not a text/);
  assert.match(said('db://team/folder'), /names a folder in a database, which has none/);
});

test('options are texts, numbers and booleans, by names in small letters', () => {
  assert.deepEqual(readSharedSetting('s3://team', { Region: 'eu', allow_http: true, timeout: 5 }), {
    uri: 's3://team',
    storageOptions: { region: 'eu', allow_http: 'true', timeout: '5' },
  });
  for (const wrong of ['x', [], { region: { a: 1 } }, { region: null }, { 'a b': 'x' }])
    assert.match(
      said('s3://team', wrong),
      /“storageOptions” is not an object of names/,
      JSON.stringify(wrong),
    );
});

test('a secret among the options is refused by its name and not repeated', () => {
  const secrets = ['aws_secret_access_key', 'AWS_SESSION_TOKEN', 'azure_storage_account_key'];
  for (const name of [
    ...secrets,
    'azure_storage_sas_token',
    'google_service_account_key',
    'api_key',
    'password',
  ]) {
    const words = said('s3://team', { [name]: 'hunter2' });
    assert.ok(words.includes(`“${name}” is a secret`), words);
    assert.ok(!words.includes('hunter2'), words);
  }
  assert.match(said('s3://team', { aws_access_key_id: 'AKIA', endpoint: 'http://box:9000' }), /^taken as/);
});

test('each project has a folder of its own below an address, and the key that is kept goes under its name', async () => {
  const names = {
    's3://team/x': 'aws_secret_access_key',
    'gs://team/x': 'google_service_account_key',
    'az://team/x': 'azure_storage_account_key',
  };
  for (const [uri, name] of Object.entries(names)) {
    const place = { uri: `${uri}/shop-1`, prefix: '' };
    assert.deepEqual(await placeAt(uri), { ...place, storageOptions: { region: 'here' } });
    const withKey = { region: 'here', [name]: 'kept' };
    assert.deepEqual(await placeAt(uri, 'kept'), { ...place, storageOptions: withKey });
  }
});

test('in a database the tables of a project have its name, and without a key it is said how to set one', async () => {
  const place = { uri: 'db://team', prefix: 'shop-1-' };
  const withKey = (key: string) => ({ ...place, storageOptions: { region: 'here', api_key: key } });
  const env = { LANCEDB_API_KEY: 'from the environment' };
  assert.deepEqual(await placeAt('db://team', undefined, env), withKey('from the environment'));
  assert.deepEqual(await placeAt('db://team', 'kept', env), withKey('kept'));
  const setting = { uri: 'db://team', storageOptions: {} };
  await assert.rejects(
    sharedPlaceFrom(setting, 'shop-1', { keys: NOTHING_KEPT, env: {} }),
    /there is no key for db:\/\/team: set LANCEDB_API_KEY, or use “Strata: Set API Key”/,
  );
});

test('a repository has one name, however its address is written', () => {
  const name = projectName('https://git.example/Team/shop.git', '');
  assert.match(name ?? '', /^shop-[0-9a-f]{12}$/);
  const same = [
    'git@git.example:team/shop',
    'ssh://git@git.example:2222/team/shop.git',
    'git.example:/team/shop',
  ];
  for (const remote of [
    ...same,
    'https://me:token@GIT.example/team/shop/',
    ' git://git.example/team/shop.git\n',
  ])
    assert.equal(projectName(remote, ''), name, remote);
});

test('another host, another repository and a folder within are other projects', () => {
  const names = [
    projectName('https://git.example/team/shop', ''),
    projectName('https://other.example/team/shop', ''),
    projectName('https://git.example/else/shop', ''),
    projectName('https://git.example/team/shop', '/packages/cart/'),
  ];
  assert.equal(new Set(names).size, 4);
  assert.match(names[3] ?? '', /^cart-/);
  assert.equal(projectName('https://git.example/team/shop', 'packages/cart'), names[3]);
});

test('an address that only this machine understands names no project', () => {
  for (const remote of ['', '/srv/git/shop.git', '../shop', 'file:///srv/git/shop.git', 'C:\\git\\shop'])
    assert.equal(projectName(remote, ''), undefined, remote);
});

test('a name is one of letters and digits, however the repository is called', () => {
  for (const last of ['Ünïcode', '日本', 'a.b_c--d', 'x'.repeat(200)])
    assert.match(projectName(`https://git.example/${last}`, '') ?? '', /^[a-z0-9][a-z0-9-]{0,52}$/, last);
});
