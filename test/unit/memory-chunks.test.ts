import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chunkFile } from '../../extension/src/core/memory/index.ts';

/** `first-last symbol` of each chunk. */
function outline(path: string, text: string): string[] {
  return chunkFile(path, text).map(
    ({ startLine, endLine, symbol }) => `${String(startLine)}-${String(endLine)} ${symbol ?? '·'}`,
  );
}

function check(name: string, path: string, text: string, expected: readonly string[]): void {
  test(name, () => assert.deepEqual(outline(path, text), expected));
}

const typescript = `import { a } from 'a';
import { b } from 'b';

/** Adds. */
export async function add(x: number, y: number): Promise<number> {
  function inner() {
    return x;
  }
  return inner() + y;
}

export class Cart extends Base {
  items = [];

  constructor(private readonly owner: string) {
    super();
    this.items = [];
  }

  /** The sum. */
  get total(): number {
    if (this.items.length === 0) {
      return 0;
    }
    return 1;
  }

  #reset = async () => {
    this.items = [];
    await 0;
  };
}
`;
check(
  'TypeScript: functions, and the members of a class, its head with the first',
  'src/cart.ts',
  typescript,
  ['1-2 ·', '4-10 add', '12-18 Cart.constructor', '20-26 Cart.total', '28-32 Cart.#reset'],
);

check(
  'JavaScript of the older kind: assignments, comments above a blank line',
  'application.js',
  `'use strict'\n\n/**\n * Starts.\n */\n\napp.init = function init() {\n  a();\n  b();\n};\n\nexports.run = (x) => {\n  a();\n  b();\n};\n`,
  ['1-1 ·', '3-10 app.init', '12-15 exports.run'],
);

check(
  'Python: decorators, methods, nested functions stay inside',
  'app.py',
  `@route("/")\ndef home(a):\n    def inner():\n        pass\n    return inner\n\nclass Shop:\n    """Sells."""\n    x = 1\n    y = 2\n\n    @property\n    def name(self):\n        # why\n        return 1\n`,
  ['1-5 home', '7-10 Shop', '12-15 Shop.name'],
);

check(
  'Rust: methods belong to the type they are for',
  'p.rs',
  `impl fmt::Display for Point {\n    fn fmt(&self) -> R {\n        a();\n        b()\n    }\n\n    pub(crate) async fn go(&self) {\n        a();\n        b()\n    }\n}\n`,
  ['1-5 Point.fmt', '7-11 Point.go'],
);

check(
  'Go and C: functions at the margin',
  'm.go',
  `package main\n\n// Total sums.\nfunc (c *Cart) Total() int {\n\tx := 1\n\treturn x\n}\n\nfunc main() {\n\trun()\n\trun()\n}\n`,
  ['1-1 ·', '3-7 Total', '9-12 main'],
);

check(
  'Markdown: by heading, not inside of fences, bare headings go with the next',
  'README.md',
  `Intro\n\n# Guide\n\n## Install\n\ntext\n\n\`\`\`sh\n# no heading\n\`\`\`\n\n## Use\ntext\n`,
  ['1-1 ·', '3-11 Guide > Install', '13-14 Guide > Use'],
);

check(
  'one-line definitions are joined',
  'c.ts',
  Array.from({ length: 30 }, (_, at) => `export const c${String(at)} = 1;`).join('\n'),
  ['1-20 c0', '21-30 c20'],
);

check('empty and blank files have no chunks', 'a.ts', '\n  \n\t\n', []);

test('every line that says something is in exactly one chunk, within the limits', () => {
  const text = Array.from({ length: 500 }, (_, at) =>
    at % 37 === 0 ? '' : `${' '.repeat(at % 5)}call(${String(at)});`,
  ).join('\r\n');
  for (const path of ['a.ts', 'a.md', 'a.yaml']) {
    const chunks = chunkFile(path, text);
    const covered = chunks.flatMap(({ startLine, endLine }) =>
      Array.from({ length: endLine - startLine + 1 }, (_, at) => startLine + at),
    );
    assert.equal(new Set(covered).size, covered.length);
    text.split('\r\n').forEach((line, at) => assert.ok(line.trim() === '' || covered.includes(at + 1)));
    assert.ok(chunks.every((chunk) => chunk.text.length <= 4_000 && chunk.endLine - chunk.startLine < 80));
  }
});

test('a line of 1 MB is cut without splitting a character', () => {
  const chunks = chunkFile('a.txt', '😀x'.repeat(350_000));
  assert.equal(chunks.map((chunk) => chunk.text).join('').length, 1_050_000);
  assert.ok(
    chunks.every((chunk) => chunk.text.isWellFormed() && chunk.startLine === 1 && chunk.endLine === 1),
  );
});

test('ids keep to content that only moved, and what a file repeats has one id', () => {
  const before = chunkFile('a.ts', typescript);
  const after = chunkFile('a.ts', `// new first line\n\n${typescript}`);
  assert.equal(new Set(before.map((chunk) => chunk.id)).size, before.length);
  const ids = new Set(before.map((chunk) => chunk.id));
  assert.ok(after.filter((chunk) => ids.has(chunk.id)).length >= 4);
  assert.notEqual(chunkFile('b.ts', typescript)[0]?.id, before[0]?.id);
  const twice = chunkFile('a.txt', `${'same\n'.repeat(80)}${'same\n'.repeat(80)}`);
  assert.equal(twice.length, 2);
  assert.equal(twice[0]?.id, twice[1]?.id);
});

test('lines made to trip the patterns up are cut all the same', () => {
  const lines = [
    '  a a a a a a a a a a a a a a a a a a (',
    '   <<<<<<<<<<<<<<<<<<<<<<<<',
    'public '.repeat(50),
    'a.b.c.'.repeat(60),
    '*&'.repeat(190),
  ];
  const text = `class A {\n${lines.join('\n').concat('\n').repeat(500)}`;
  assert.ok(chunkFile('a.ts', text).length > 0);
});
