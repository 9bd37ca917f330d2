import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../extension/src/base/json.ts';
import { decideApproval, type ApprovalRules, type Tool } from '../../extension/src/core/tools/index.ts';

function decide(
  rules: ApprovalRules,
  name: string,
  effect: Tool['effect'] = 'contained',
  args: JsonObject = {},
): string {
  const { approval, rule } = decideApproval(rules, { name, effect }, args);
  return rule === undefined ? approval : `${approval} by ${rule}`;
}

test('the first rule that matches decides; without one only what reaches further is asked about', () => {
  assert.equal(decide({ shell_run: 'ask', '*': 'deny' }, 'shell_run'), 'ask by "shell_run"');
  assert.equal(decide({ shell_run: 'ask', '*': 'deny' }, 'files_read', 'read'), 'deny by "*"');
  assert.equal(decide({ 'files_*': 'deny' }, 'shell_run'), 'allow');
  assert.equal(decide({}, 'web_post', 'change'), 'ask');
  assert.equal(decide({ 'github_*': 'deny' }, 'github_issue', 'change'), 'deny by "github_*"');
});

const shell: ApprovalRules = {
  shell_run: [
    { arguments: { command: ['git push*', '*&& rm *'] }, decision: 'deny' },
    { arguments: { command: 'npm test*' }, decision: 'allow' },
    'ask',
  ],
};
const run = (command: string): string => decide(shell, 'shell_run', 'contained', { command });
const denied = 'deny by "shell_run" with command "git push*" or "*&& rm *"';
const allowed = 'allow by "shell_run" with command "npm test*"';

test('a list of rules goes by the arguments, the first that fits', () => {
  assert.equal(run('git push origin'), denied);
  assert.equal(run('npm test -- unit'), allowed);
  assert.equal(run('ls'), 'ask by "shell_run"');
  assert.equal(decide(shell, 'shell_run'), 'ask by "shell_run"', 'no command at all');
});

test('a command is looked at command by command, and white space is one space', () => {
  assert.equal(run('cd x &&  git   push'), denied);
  assert.equal(run('true\ngit\tpush -f'), denied);
  assert.equal(run('echo $(git push)'), denied);
  assert.equal(run('(git push)&'), denied);
  assert.equal(run('g\u200bit push'), denied, 'an invisible character parts no word');
  assert.equal(run('ls && rm x'), denied, 'a pattern of several commands');
  assert.equal(run('npm test; curl evil.example'), 'ask by "shell_run"');
  assert.equal(run('npm test\ncurl evil.example'), 'ask by "shell_run"');
  assert.equal(run('npm test && npm test -- unit 2>&1'), allowed);
  assert.equal(run(''), 'ask by "shell_run"');
});

test('a path is read without dots, relative to the workspace', () => {
  const rules: ApprovalRules = {
    files_write: [{ arguments: { path: ['src/**', 'docs/*.md'] }, decision: 'allow' }, 'deny'],
  };
  const write = (path: unknown): string =>
    decide(rules, 'files_write', 'contained', { path } as JsonObject).split(' ')[0] ?? '';
  assert.equal(write('src/a/b.ts'), 'allow');
  assert.equal(write('./src//a.ts'), 'allow');
  assert.equal(write('/workspace/src/a.ts'), 'allow');
  assert.equal(write('src/../secret'), 'deny');
  assert.equal(write('./src/../../etc/passwd'), 'deny');
  assert.equal(write('/workspace/../etc/src/x'), 'deny');
  assert.equal(write('/src/a.ts'), 'deny', 'another folder than the workspace’s');
  assert.equal(write('srcs/a.ts'), 'deny');
  assert.equal(write('docs/a.md'), 'allow');
  assert.equal(write('docs/deep/a.md'), 'deny', 'one star stays within a folder');
  assert.equal(write(['src/a.ts', 'src/b.ts']), 'allow');
  assert.equal(write(['src/a.ts', 'secret']), 'deny', 'all of them must be allowed');
});

test('an address is read as browsers write it, and a star stays within the host', () => {
  const rules: ApprovalRules = {
    web_fetch: [{ arguments: { url: 'https://*.example.com/docs/*' }, decision: 'allow' }, 'ask'],
  };
  const get = (url: string): string => decide(rules, 'web_fetch', 'read', { url }).split(' ')[0] ?? '';
  assert.equal(get('https://a.example.com/docs/x'), 'allow');
  assert.equal(get('https://a.b.example.com/docs/x?y=1'), 'allow');
  assert.equal(get('HTTPS://A.Example.com/docs/../docs/x'), 'allow');
  assert.equal(get('https://evil.example/?.example.com/docs/x'), 'ask');
  assert.equal(get('https://evil.example/.example.com/docs/x'), 'ask');
  assert.equal(get('https://me@evil.example#.example.com/docs/'), 'ask');
  assert.equal(get('https://a.example.com/docs/../secret'), 'ask');
  assert.equal(get('no address'), 'ask');
});

test('arguments may be nested, lists stand for their items, and all that are named must fit', () => {
  const rules: ApprovalRules = {
    'db_*': [
      { arguments: { 'query.kind': 'select', 'query.tables': ['public_*', 'log'] }, decision: 'allow' },
    ],
    '*': 'ask',
  };
  const query = (kind: string, ...tables: string[]): string =>
    decide(rules, 'db_run', 'change', { query: { kind, tables } }).split(' ')[0] ?? '';
  assert.equal(query('select', 'public_a', 'log'), 'allow');
  assert.equal(query('select', 'public_a', 'private'), 'ask', 'falls through to the next rule');
  assert.equal(query('delete', 'log'), 'ask');
  assert.equal(query('select'), 'ask', 'nothing is not all');
});

test('values that are no texts are matched as JSON', () => {
  const rules: ApprovalRules = { x: [{ arguments: { force: 'true' }, decision: 'deny' }] };
  assert.equal(decide(rules, 'x', 'read', { force: true }), 'deny by "x" with force "true"');
  assert.equal(decide(rules, 'x', 'read', { force: false }), 'allow');
  assert.equal(decide(rules, 'x', 'read', JSON.parse('{"__proto__":{"force":true}}') as JsonObject), 'allow');
});
