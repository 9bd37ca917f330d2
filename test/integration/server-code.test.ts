import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, test, type TestContext } from 'node:test';
import { buildServers } from '../support/build-servers.ts';
import { asText, folderOf, gone, missing, openServer } from '../support/server-child.ts';

let servers: Awaited<ReturnType<typeof buildServers>>;
before(async () => {
  servers = await buildServers(['code']);
});
after(() => servers.remove());

const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

async function open(t: TestContext, files: Readonly<Record<string, string>> = {}, path?: string) {
  const folder = folderOf(t, files);
  const server = await openServer(t, 'code', {
    folder: servers.folder,
    root: folder,
    ...(path === undefined ? {} : { environment: { PATH: path } }),
  });
  const check = async (tool: string, code: string, expected: string | RegExp, more = {}) => {
    const got = await server.say(tool, { code, ...more });
    if (typeof expected === 'string') assert.equal(got, expected);
    else assert.match(got, expected);
  };
  return {
    folder,
    server,
    python: (code: string, expected: string | RegExp, more = {}) => check('python', code, expected, more),
    javascript: (code: string, expected: string | RegExp, more = {}) =>
      check('javascript', code, expected, more),
  };
}

test('Python keeps its state and shows the last value', async (t) => {
  if (missing(t, 'python3')) return;
  const { python } = await open(t, { 'mine.py': 'answer = 42\n', 'json.py': 'raise Exception("shadowed")' });
  await python('import mine\nx = mine.answer', '(no output)');
  await python('x + 1', '43');
  await python('print("hello"); x', 'hello\n\n42');
  await python('x;', '(no output)');
  await python('None', '(no output)');
  await python('_', '42');
  await python('def f(n):\n  return n * 2\n\nf("ä")', "'ää'");
  await python('import asyncio\nawait asyncio.sleep(0)\n7', '7');
  await python('async def g():\n  return 8\nawait g()', '8');
  await python('__name__', "'__main__'");
});

test('Python errors are tracebacks of the own code', async (t) => {
  if (missing(t, 'python3')) return;
  const { python } = await open(t);
  await python('y = 1', '(no output)');
  await python(
    'def f():\n  return 1 / 0\nprint("before")\nf()',
    /^! Traceback \(most recent call last\):\n {2}File "<cell 2>", line 4, in <module>\n {4}f\(\)[^]*line 2, in f\n {4}return 1 \/ 0[^]*ZeroDivisionError: division by zero\nbefore\n$/,
  );
  await python('y', '1');
  await python('if:', /^! {3}File "<cell 4>", line 1\n[^]*SyntaxError: invalid syntax$/);
  await python('input()', /EOFError/);
  await python('import sys; sys.exit(3)', /^! [^]*SystemExit: 3$/);
  await python('y', '1');
});

test('Python shows tables and images', async (t) => {
  if (missing(t, 'python3')) return;
  const { python, server } = await open(t);
  await python(
    '[{"name": "a|b", "n": 1}, {"name": "c\\nd", "more": None}]',
    '| name | n | more |\n| --- | --- | --- |\n| a\\|b | 1 |  |\n| c d |  | None |',
  );
  await python('[{"n": i} for i in range(250)]', /\| 99 \|\n\n\[250 rows; the first 100 are shown\.\]$/);
  await python('[{}]', '[{}]');
  await python(
    `import base64\nclass Picture:\n  def _repr_png_(self):\n    return base64.b64decode("${png}")\ndisplay(Picture(), 1)\nprint("printed")\nPicture()`,
    'printed\n\n<image/png>\n1\n<image/png>',
  );
  const { content } = await server.call('python', { code: 'Picture()' });
  assert.deepEqual(content, [{ type: 'image', mimeType: 'image/png', data: png }]);
});

/** As much of two libraries as the kernel knows of them, for machines that do not have them. */
const standIns = {
  'matplotlib/__init__.py': '',
  'matplotlib/pyplot.py': `import base64
figures = []
class Figure:
  def savefig(self, file, format, bbox_inches):
    file.write(base64.b64decode("${png}"))
def plot(values):
  if not figures: figures.append(Figure())
def get_fignums(): return list(range(len(figures)))
def figure(number): return figures[number]
def close(which): figures.clear()
def show(): pass
`,
  'pandas/__init__.py': `class DataFrame:
  def __init__(self, data):
    self.columns = list(data)
    self.rows = list(zip(*data.values()))
    self.index = range(len(self.rows))
  def __len__(self): return len(self.rows)
  def head(self, count): return self
  def itertuples(self, index, name): return iter(self.rows)
`,
};

test('open matplotlib figures become images, and data frames tables', async (t) => {
  if (missing(t, 'python3')) return;
  const { status } = spawnSync('python3', ['-c', 'import matplotlib, pandas'], { stdio: 'ignore' });
  const { python } = await open(t, status === 0 ? {} : standIns);
  await python(
    'import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\nprint("shown")',
    /^shown\n\n<image\/png>$/,
  );
  await python('plt.plot([1])\nplt.show()\nplt.plot([2])\n5', '<image/png>\n5\n<image/png>');
  await python(
    'import pandas\npandas.DataFrame({"a": [1, 2], "b": ["x", "y"]})',
    '|  | a | b |\n| --- | --- | --- |\n| 0 | 1 | x |\n| 1 | 2 | y |',
  );
});

test('Python code that takes too long is interrupted and keeps its state; code that does not stop is ended', async (t) => {
  if (missing(t, 'python3')) return;
  const { python } = await open(t);
  await python('kept = 1', '(no output)');
  await python(
    'print("begun")\nwhile True: pass',
    /^! Stopped after 1 s\. The state is kept\.\nTraceback[^]*KeyboardInterrupt\nbegun\n$/,
    { timeoutSeconds: 1 },
  );
  await python(
    'import subprocess\nsubprocess.run(["sleep", "100"])',
    /^! Stopped after 1 s\. The state is kept\./,
    {
      timeoutSeconds: 1,
    },
  );
  await python('kept', '1');
  await python(
    'import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass',
    /^! Stopped after 1 s\. The code did not stop when it was interrupted, so its process was ended\. The state of Python is lost; the next call starts anew\.$/,
    { timeoutSeconds: 1 },
  );
  await python('kept', /NameError/);
});

test('a kernel that dies is a result, and the next call starts another', async (t) => {
  if (missing(t, 'python3')) return;
  const { python, javascript } = await open(t);
  await python(
    'import os\nprint("last words", flush=True)\nos._exit(7)',
    /^! The process ended with exit code 7\. The state of Python is lost; the next call starts anew\.\nlast words\n$/,
  );
  await python(
    'import os, signal\nos.kill(os.getpid(), signal.SIGKILL)',
    /^! The process was killed, most likely because it ran out of memory\./,
  );
  await python('import os\nos.close(64)\n1', /^! The process ended|^! The process was/);
  await python('1', '1');
  await javascript(
    'console.log("last words"); process.exit(7)',
    /^! The process ended with exit code 7\. The state of JavaScript is lost; the next call starts anew\.\nlast words\n$/,
  );
  await javascript('1', '1');
});

test('what is printed cannot be taken for a frame or a marker', async (t) => {
  if (missing(t, 'python3')) return;
  const { python, javascript } = await open(t);
  await python(
    'import sys\nsys.stdout.write("\\0strata-\\0" + "\\0\\0\\0\\x02{}" + "\\0")\nsys.stdout.flush()',
    '\0strata-\0\0\0\0\x02{}\0',
  );
  await python(
    'import os\nos.write(1, b"raw\\n"); os.write(2, b"error\\n"); os.system("echo child; echo children >&2");',
    'raw\nerror\nchild\nchildren\n',
  );
  await javascript('process.stdout.write("\\0strata-\\0")', /^\0strata-\0\ntrue$/);
  await javascript(
    'console.log("out"); console.error("err"); process.stderr.write("raw\\n"); undefined',
    'out\nerr\nraw\n',
  );
  // Written on purpose where frames go: the kernel is lost, the server is not.
  await javascript(
    'require("fs").writeSync(3, "{}{}{}{}{}{}{}{}"); await new Promise(() => {})',
    /^! The process was .*The state of JavaScript is lost/,
  );
  await javascript('2', '2');
});

test('JavaScript keeps its state, waits for promises and shows the last value', async (t) => {
  const { javascript } = await open(t, {
    'mine.mjs': 'export default 1; export const named = 2;',
    'node_modules/dep/package.json': '{"name":"dep","type":"module","exports":{"import":"./i.js"}}',
    'node_modules/dep/i.js': 'export const dep = 3;',
  });
  await javascript('const x = 1; let y = 2; x + y', '3');
  await javascript('const x = 5; x', '5');
  await javascript('const f = async () => "later"; await f()', "'later'");
  await javascript('{ a: 1 }', '{ a: 1 }');
  await javascript('undefined', '(no output)');
  await javascript(
    '({ bytes: 10n, nan: NaN, map: new Map([[1, { b: 2 }]]) })',
    '{ bytes: 10n, nan: NaN, map: Map(1) { 1 => { b: 2 } } }',
  );
  for (const [code, shown] of [
    ['-0', '-0'],
    ['10n ** 20n', '100000000000000000000n'],
    ['NaN', 'NaN'],
    ['null', 'null'],
  ])
    await javascript(code ?? '', shown ?? '');
  await javascript(
    'import one, { named as two } from "./mine.mjs";\nimport * as os from "node:os";\nimport { dep } from "dep"; [one, two, dep, typeof os.cpus]',
    "[ 1, 2, 3, 'function' ]",
  );
  await javascript('(await import("./mine.mjs")).named + require("node:path").sep', "'2/'");
  await javascript('// import is a word\nconst s = `import("x")`; s', '\'import("x")\'');
  await javascript(
    'console.table([{a: 1}]); setTimeout(() => console.log("afterwards"), 50); 1',
    /│ a │[^]*\n1$/,
  );
  await javascript('await new Promise((done) => setTimeout(done, 200))', 'afterwards\n');
});

test('JavaScript errors are stacks of the own code', async (t) => {
  const { javascript } = await open(t);
  await javascript(
    'function f() {\n  null.x;\n}\nf()',
    /^! TypeError: Cannot read properties of null \(reading 'x'\)\n {4}at f \(cell-1\.js:2:8\)\n {4}at cell-1\.js:4:1$/,
  );
  await javascript('let a = ;', "! SyntaxError: Unexpected token ';' (line 1, column 9)");
  await javascript('throw { code: 1 }', '! Uncaught { code: 1 }');
  await javascript('await Promise.reject(new Error("no"))', /^! Error: no\n {4}at cell-4\.js:1:22$/);
  await javascript(
    'setTimeout(() => { throw new Error("late") }, 1); await new Promise((done) => setTimeout(done, 100)); 1',
    /^Uncaught, after its cell was done: Error: late[^]*\n1$/,
  );
});

test('JavaScript shows tables and images', async (t) => {
  const { javascript } = await open(t);
  await javascript(
    '[{ a: 1, b: "x|y" }, { a: { c: [1] } }]',
    '| a | b |\n| --- | --- |\n| 1 | x\\|y |\n| { c: [ 1 ] } |  |',
  );
  await javascript(
    `display({ mimeType: "image/png", data: "${png}" }); display(1, "two"); ({ mimeType: "image/png", data: Buffer.from("${png}", "base64") })`,
    "<image/png>\n1\n'two'\n<image/png>",
  );
});

test('JavaScript that takes too long is interrupted and keeps its state', async (t) => {
  const { javascript } = await open(t);
  await javascript('const kept = 1', '(no output)');
  await javascript(
    'console.log("begun"); for (;;);',
    /^! Stopped after 1 s\. The state is kept\.\nInterrupted\.\nbegun\n$/,
    { timeoutSeconds: 1 },
  );
  await javascript('await null; for (;;);', /^! Stopped after 1 s\. The state is kept\./, {
    timeoutSeconds: 1,
  });
  await javascript(
    'await new Promise(() => {})',
    /^! Stopped after 1 s\. The state is kept\.\nThe code was waiting for something/,
    { timeoutSeconds: 1 },
  );
  await javascript('kept', '1');
  await javascript(
    'require("child_process").execFileSync("sleep", ["100"])',
    /^! Stopped after 1 s\. The code did not stop when it was interrupted, so its process was ended\./,
    { timeoutSeconds: 1 },
  );
  await javascript('typeof kept', "'undefined'");
});

test('output is streamed while the code runs, and capped', async (t) => {
  if (missing(t, 'python3')) return;
  const { server } = await open(t);
  for (const [tool, code] of [
    ['python', 'import time\nfor i in range(3):\n  print("line", i)\n  time.sleep(0.3)'],
    [
      'javascript',
      'for (let i = 0; i < 3; i++) { console.log("line", i); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300); }',
    ],
  ] as const) {
    const pieces: string[] = [];
    const result = await server.call(tool, { code }, { onOutput: (text) => pieces.push(text) });
    assert.match(asText(result), /^line 0\nline 1\nline 2\n/);
    assert.ok(pieces.length > 1, `${tool}: ${JSON.stringify(pieces)}`);
    assert.match(pieces.join(''), /^line 0\nline 1\n/);
  }
  const flood = await server.say('python', { code: 'print("x" * 5_000_000)\n"y" * 5_000_000' });
  assert.ok(flood.length < 150_000);
  assert.match(flood, /bytes left out[^]*characters left out/);
});

test('a cancelled call stops the code, and the calls after it see the state', async (t) => {
  if (missing(t, 'python3')) return;
  const { server, python } = await open(t);
  await python('n = 0', '(no output)');
  const cancel = new AbortController();
  const call = server.call('python', { code: 'while True: n += 1' }, { signal: cancel.signal });
  setTimeout(() => cancel.abort(), 500);
  await assert.rejects(call);
  await python('n > 0', 'True');
  const both = await Promise.all([
    server.say('python', { code: 'import time; time.sleep(0.3); order = [1]' }),
    server.say('python', { code: 'order + [2]' }),
  ]);
  assert.deepEqual(both, ['(no output)', '[1, 2]']);
});

test('reset forgets the state of one language or of both', async (t) => {
  if (missing(t, 'python3')) return;
  const { server, python, javascript } = await open(t);
  assert.equal(await server.say('reset'), 'There was no state.');
  await python('x = 1', '(no output)');
  await javascript('globalThis.x = 1', '1');
  assert.equal(await server.say('reset', { language: 'python' }), 'The state of python is gone.');
  await python('x', /NameError/);
  await javascript('x', '1');
  assert.equal(await server.say('reset'), 'The state of python and javascript is gone.');
  await javascript('typeof x', "'undefined'");
});

test('the kernels end with the server', async (t) => {
  if (missing(t, 'python3')) return;
  const { server } = await open(t);
  const pids = [
    await server.say('python', {
      code: 'import os, subprocess\np = subprocess.Popen(["sleep", "100"])\nprint(p.pid)\nos.getpid()',
    }),
    await server.say('javascript', { code: 'process.pid' }),
  ].flatMap((text) => text.match(/\d+/g) ?? []);
  assert.equal(pids.length, 3);
  await server.end();
  for (const pid of pids) await gone(Number(pid));
});

test('without Python its tool says so, and JavaScript works', async (t) => {
  const { python, javascript } = await open(t, {}, '/nowhere');
  await python('1', /^! python3 is missing here\. Use the tool `javascript`/);
  await javascript('1 + 1', '2');
});
