import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chunkFile } from '../../extension/src/core/memory/index.ts';
import { GRAMMAR_NAMES } from '../../extension/src/node/tree-sitter/grammars.ts';
import { grammarFiles } from '../../extension/src/node/tree-sitter/grammar-files.ts';
import { openParser } from '../../extension/src/node/tree-sitter/parser.ts';

const files = grammarFiles(GRAMMAR_NAMES);
const parser = await openParser((name) => files[name] ?? '');

/** `first-last symbol` of each chunk that a parser's outline gives; long bodies make a class too long for one piece. */
function check(name: string, path: string, text: string, expected: readonly string[]): void {
  test(name, async () => {
    await parser.prepare(path);
    assert.notEqual(parser.outline(path, text), undefined, 'cut by line shapes');
    const chunks = chunkFile(path, text, parser);
    assert.deepEqual(
      chunks.map(
        ({ startLine, endLine, symbol }) => `${String(startLine)}-${String(endLine)} ${symbol ?? '·'}`,
      ),
      expected,
    );
  });
}

/** So many lines that say something. */
const body = (lines: number, indent: string, line = 'run();'): string => `${indent}${line}\n`.repeat(lines);

check(
  'TypeScript: comments and decorators, a class as head and members, closing brackets with the last',
  'a.ts',
  `import a from 'a';\n\n/** Sells. */\n@injectable({\n  scope: 'all',\n})\nexport class Shop {\n  items = 1;\n\n  /** Opens. */\n  @log()\n  open() {\n${body(20, '    ')}  }\n\n  close = async () => {\n${body(20, '    ')}  };\n}\n`,
  ['1-1 ·', '3-8 Shop', '10-33 Shop.open', '35-57 Shop.close'],
);

check(
  'TypeScript: a small class is one piece, overloads go with what they are of',
  'a.ts',
  `class Small {\n  a() {}\n  b() {}\n}\n\nexport function f(a: string): void;\nexport function f(a: number): void;\nexport function f(a: unknown): void {\n  run(a);\n}\n`,
  ['1-4 Small', '6-10 f'],
);

check(
  'TypeScript: namespaces and classes in them',
  'a.ts',
  `namespace Outer {\n  export class Inner {\n    one() {\n${body(25, '      ')}    }\n\n    two() {\n${body(25, '      ')}    }\n  }\n}\n`,
  ['1-1 Outer', '2-2 Outer.Inner', '3-29 Outer.Inner.one', '31-59 Outer.Inner.two'],
);

check(
  'JavaScript: bindings, assignments, a named class that a module exports',
  'a.js',
  `/** Starts. */\napp.start = function () {\n  run();\n  run();\n};\n\nconst stop = () => {\n  run();\n  run();\n};\n\nmodule.exports = class Cart {\n  a() {\n    run();\n  }\n};\n`,
  ['1-5 app.start', '7-10 stop', '12-16 Cart'],
);

check(
  'JavaScript: what a function too long for one piece defines, also within one that is called at once',
  'a.js',
  `;(function () {\n  function first() {\n${body(30, '    ')}  }\n\n  function second() {\n${body(30, '    ')}  }\n\n${body(30, '  ')}}.call(this));\n`,
  ['1-1 ·', '2-33 first', '35-66 second', '68-98 ·'],
);

check(
  'JSX: components',
  'a.tsx',
  `export function Cart({ items }: Props) {\n  return (\n    <ul>\n      {items.map((item) => <li>{item}</li>)}\n    </ul>\n  );\n}\n`,
  ['1-7 Cart'],
);

check(
  'Python: decorators, methods, comments above',
  'a.py',
  `import os\n\n@route("/")\ndef home(a):\n    def inner():\n        pass\n    return inner\n\n# Sells.\nclass Shop(Base):\n    """Sells."""\n    x = 1\n\n    @property\n    def name(self):\n${body(30, '        ', 'run()')}\n    async def go(self):\n${body(10, '        ', 'run()')}`,
  ['1-1 ·', '3-7 home', '9-12 Shop', '14-45 Shop.name', '47-57 Shop.go'],
);

check(
  'Go: methods are called after their receiver',
  'a.go',
  `package main\n\n// Total sums.\nfunc (c *Cart[T]) Total() int {\n\tx := 1\n\treturn x\n}\n\ntype Cart[T any] struct {\n\titems []T\n\tsum   int\n}\n`,
  ['1-1 ·', '3-7 Cart.Total', '9-12 Cart'],
);

check(
  'Rust: attributes, methods belong to the type they are for',
  'a.rs',
  `/// A point.\n#[derive(\n    Debug,\n)]\npub struct Point {\n    x: i32,\n}\n\nimpl fmt::Display for Point {\n    fn fmt(&self) -> R {\n${body(30, '        ')}    }\n\n    /// Goes.\n    pub async fn go(&self) {\n${body(10, '        ')}    }\n}\n`,
  ['1-7 Point', '9-9 Point', '10-41 Point.fmt', '43-56 Point.go'],
);

check(
  'Java: annotations, constructors, nested classes',
  'A.java',
  `package a;\n\n/** Sells. */\n@Service\npublic class Shop {\n  private int x;\n\n  public Shop(int x) {\n${body(20, '    ')}  }\n\n  @Override\n  public String toString() {\n${body(20, '    ')}  }\n\n  static class Item {\n    int price() {\n      return 1;\n    }\n  }\n}\n`,
  ['1-1 ·', '3-6 Shop', '8-29 Shop.Shop', '31-53 Shop.toString', '55-60 Shop.Item'],
);

check(
  'C#: namespaces, properties',
  'A.cs',
  `namespace Shop\n{\n    /// <summary>Sells.</summary>\n    public class Cart\n    {\n        public int Total { get; set; }\n\n        [Obsolete]\n        public void Add(int x)\n        {\n${body(40, '            ', 'Run();')}        }\n    }\n}\n`,
  ['1-2 Shop', '3-5 Shop.Cart', '6-6 Shop.Cart.Total', '8-53 Shop.Cart.Add'],
);

check(
  'C: functions that return pointers, structs, macros',
  'a.c',
  `#include <a.h>\n\n/* Sums. */\nstatic struct cart *sum(int a)\n{\n  return 0;\n}\n\nstruct cart {\n  int total;\n  int items;\n};\n`,
  ['1-1 ·', '3-7 sum', '9-12 cart'],
);

check(
  'C++: namespaces, templates, methods outside of their class',
  'a.cpp',
  `namespace shop {\n\ntemplate <typename T>\nT sum(T a) {\n${body(40, '  ')}}\n\nint Cart::total() const {\n  run();\n  return 1;\n}\n\n}  // namespace shop\n`,
  ['1-1 shop', '3-45 shop.sum', '47-52 shop.Cart::total'],
);

check(
  'PHP: classes and functions',
  'a.php',
  `<?php\n\nnamespace Shop;\n\n/** Sells. */\nclass Cart extends Base\n{\n    private $x;\n\n    public function total()\n    {\n${body(40, '        ')}    }\n}\n\nfunction help() {\n    run();\n    run();\n}\n`,
  ['1-3 ·', '5-8 Cart', '10-53 Cart.total', '55-58 help'],
);

check(
  'Ruby: modules, classes, methods of the class itself',
  'a.rb',
  `module Shop\n  # Sells.\n  class Cart\n    def self.make\n${body(40, '      ', 'run')}    end\n\n    def total\n      run\n    end\n  end\nend\n`,
  ['1-2 Shop', '3-3 Shop.Cart', '4-45 Shop.Cart.make', '47-51 Shop.Cart.total'],
);

check('a shell script', 'a.sh', `#!/bin/sh\n\n# Builds.\nbuild() {\n  run\n  run\n}\n`, [
  '1-1 ·',
  '3-7 build',
]);

check(
  'Lua',
  'a.lua',
  `-- Sums.\nlocal function sum(a)\n  run()\n  return a\nend\n\nfunction Cart:total()\n  run()\n  return 1\nend\n`,
  ['1-5 sum', '7-10 Cart:total'],
);

test('where nothing can be made of a text, line shapes decide', async () => {
  await parser.prepare('a.cs');
  const prose = 'Ten words that are no program; (at all) {but} look "like one" now.\n'.repeat(300);
  assert.equal(parser.outline('a.cs', prose), undefined);
  assert.ok(chunkFile('a.cs', prose, parser).length > 1);
});

test('a language without a grammar is left to line shapes', async () => {
  await parser.prepare('a.kt');
  assert.equal(parser.outline('a.kt', 'fun run() {}\n'), undefined);
});

test('a broken definition does not hide those around it', async () => {
  await parser.prepare('a.ts');
  const text = `function one() {\n${body(4, '  ')}}\n\nfunction two( {{{\n\nfunction three() {\n${body(4, '  ')}}\n`;
  assert.ok(chunkFile('a.ts', text, parser).some(({ symbol }) => symbol === 'one'));
});

test('every line is in exactly one chunk within the limits, whatever the text', async () => {
  const random = sequence(7);
  const parts = [
    'class A {',
    '}',
    '  m() {',
    'function f(a) {',
    '/** x */',
    '',
    '{',
    ')',
    '`',
    "'",
    'def f(x):',
    '\t\tx = 1',
    '@d',
    '// c',
    'ü😀 = 1;',
    'x'.repeat(5_000),
  ];
  for (const path of ['a.ts', 'a.py', 'a.cpp', 'a.rb', 'a.css', 'a.json', 'a.yaml', 'a.md', 'a.go'])
    for (let round = 0; round < 12; round++) {
      const lines = Array.from(
        { length: 20 + Math.floor(random() * 200) },
        () => parts[Math.floor(random() * parts.length)] ?? '',
      );
      await parser.prepare(path);
      const end = ['\n', '\r\n', '\r'][round % 3] ?? '\n';
      const chunks = chunkFile(path, lines.join(end), parser);
      const covered = new Map<number, number>();
      for (const { startLine, endLine, text } of chunks) {
        assert.ok(text.length <= 4_000 && endLine - startLine < 80, `${path}: ${String(startLine)}`);
        for (let line = startLine; line <= endLine; line++) covered.set(line, (covered.get(line) ?? 0) + 1);
      }
      for (const [at, line] of lines.entries()) {
        const times = covered.get(at + 1) ?? 0;
        if (line.length > 4_000) assert.ok(times >= 1);
        else
          assert.ok(
            times === 1 || (times === 0 && line.trim() === ''),
            `${path} line ${String(at + 1)}: ${String(times)}`,
          );
      }
    }
});

/** A known generator of pseudo-random numbers (mulberry32), so that a failure can be seen again. */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
