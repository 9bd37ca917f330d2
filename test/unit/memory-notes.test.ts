import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  noteId,
  notesOf,
  noteText,
  rankNotes,
  readNotes,
  replaceNote,
  reviseNotes,
  withNotes,
  withoutRuns,
  writeNotes,
  type Episode,
  type Note,
  type Revised,
} from '../../extension/src/core/memory/index.ts';

const DAY = 86_400_000;
const NOW = Date.parse('2026-06-15T12:00:00Z');

function run(id: string, daysAgo: number, more: Partial<Episode> = {}): Episode {
  return {
    ...{ run: id, at: NOW - daysAgo * DAY, agent: 'coder', task: 'Fix it', outcome: 'succeeded' },
    ...{ answer: '', files: [], failures: [] },
    ...more,
  };
}

function said(text: string, more: Partial<Note> = {}): Note {
  const [first, last] = ['2026-05-01', '2026-06-01'];
  const provenance = {
    by: 'person',
    confirmed: true,
    pinned: false,
    runs: ['r-a', 'r-b'],
    times: 2,
  } as const;
  return { id: noteId(text), text, ...provenance, first, last, ...more };
}

const EMPTY: Revised = { notes: [], noted: new Set() };

function revised(episodes: readonly Episode[], from: Revised = EMPTY, now = NOW): Revised {
  return reviseNotes(from, episodes, now);
}

/** `by times text`, with what is unusual about it. */
function words({ by, times, text, confirmed, fading }: Note): string {
  const marks = [...(confirmed ? [] : ['unconfirmed']), ...(fading ? [fading.why] : [])];
  return [by, times, ...marks, text].join(' ');
}

function promoted(name: string, episodes: readonly Episode[], expected: readonly string[]): void {
  test(name, () => assert.deepEqual(revised(episodes).notes.map(words), expected));
}

describe('what becomes a note', () => {
  const cents = 'Prices are whole cents.';
  const again = 'prices are always whole cents';
  const fact = { facts: ['The tests need Redis on port 6400'] };
  const remedy = { tool: 'shell_run', failed: 'npm test', worked: 'npm run test:unit' };

  promoted('not what a person said once', [run('r-1', 1, { correction: cents })], []);
  promoted(
    'what a person said twice, in the words said last',
    [run('r-1', 1, { correction: again }), run('r-2', 2, { correction: cents })],
    [`person 2 ${again}`],
  );
  promoted(
    'not what was said of a run and of its rerun',
    [run('r-1', 1, { correction: cents, from: 'r-2' }), run('r-2', 2, { correction: cents })],
    [],
  );
  promoted(
    'not two things that have little to do with each other',
    [run('r-1', 1, { correction: cents }), run('r-2', 2, { correction: 'Name branches after issues.' })],
    [],
  );
  promoted(
    'what an agent asked for, unconfirmed',
    [run('r-1', 1, fact)],
    ['agent 1 unconfirmed The tests need Redis on port 6400'],
  );
  promoted(
    'what agents found three times but nobody liked, still unconfirmed',
    [1, 2, 3].map((at) => run(`r-${at}`, at, fact)),
    ['agent 3 unconfirmed The tests need Redis on port 6400'],
  );
  promoted(
    'what agents found three times, confirmed where a person liked one of the runs',
    [1, 2, 3].map((at) => run(`r-${at}`, at, { ...fact, ...(at === 2 ? { verdict: 'up' as const } : {}) })),
    ['agent 3 The tests need Redis on port 6400'],
  );
  promoted(
    'nothing that an agent asked for in a run that a person disliked',
    [run('r-1', 1, { ...fact, verdict: 'down' })],
    [],
  );
  promoted(
    'a command that failed three times, with what worked',
    [1, 2, 3].map((at) => run(`r-${at}`, at, { remedies: [remedy] })),
    ['observed 3 With shell_run, `npm test` failed and `npm run test:unit` worked.'],
  );
  promoted(
    'not one that failed twice',
    [1, 2].map((at) => run(`r-${at}`, at, { remedies: [remedy] })),
    [],
  );
  promoted(
    'nothing that was said too long ago',
    [run('r-1', 130, { correction: cents }), run('r-2', 131, { correction: cents })],
    [],
  );

  test('what a person has removed or put otherwise does not come back', () => {
    const episodes = [run('r-1', 1, { correction: cents }), run('r-2', 2, { correction: cents })];
    const { noted } = revised(episodes);
    assert.deepEqual(revised(episodes, { notes: [], noted }).notes, []);
    const later = [run('r-3', 0, { correction: again }), ...episodes];
    assert.deepEqual(revised(later, { notes: [], noted }).notes, []);
  });

  test('what comes up once more is brought up to date where it stands, in the words that a person gave it', () => {
    const note = said('Prices are always whole cents!', { times: 2, runs: ['r-1', 'r-2'] });
    const episodes = [0, 1, 2].map((at) => run(`r-${3 - at}`, at, { correction: cents }));
    const [only, ...rest] = revised(episodes, { notes: [note], noted: new Set() }).notes;
    assert.deepEqual(rest, []);
    assert.deepEqual(only, {
      ...note,
      runs: ['r-3', 'r-1', 'r-2'],
      times: 3,
      last: '2026-06-15',
    });
  });
});

describe('what fades', () => {
  const old = said('Prices are whole cents.', { last: '2026-02-01' });
  const at = (days: number): number => NOW + days * DAY;
  const after = (notes: readonly Note[], episodes: readonly Episode[], now: number): string[] =>
    revised(episodes, { notes, noted: new Set(notes.map(({ id }) => id)) }, now).notes.map(words);

  test('a note that is of no use is marked, and later it is gone', () => {
    assert.deepEqual(after([old], [], NOW), ['person 2 unused Prices are whole cents.']);
    const marked = revised([], { notes: [old], noted: new Set([old.id]) });
    assert.deepEqual(after(marked.notes, [], at(20)), ['person 2 unused Prices are whole cents.']);
    const gone = reviseNotes(marked, [], at(31));
    assert.deepEqual([gone.notes, [...gone.noted]], [[], []]);
  });
  test('one that is recalled stays, but not by a run that a person disliked', () => {
    const recalled = { recalled: [old.id] };
    assert.deepEqual(after([old], [run('r-9', 3, recalled)], NOW), ['person 2 Prices are whole cents.']);
    const disliked = run('r-9', 3, { ...recalled, verdict: 'down' });
    assert.deepEqual(after([old], [disliked], NOW), ['person 2 unused Prices are whole cents.']);
  });
  test('one that nobody confirmed fades sooner', () => {
    const note = said('Redis is needed.', { by: 'agent', confirmed: false, last: '2026-05-01' });
    assert.deepEqual(after([note], [], NOW), ['agent 2 unconfirmed unused Redis is needed.']);
  });
  test('one that a person contradicts', () => {
    const note = said('Use floats for prices.');
    const correction = 'Do not use floats for prices.';
    assert.deepEqual(after([note], [run('r-9', 1, { correction })], NOW), [
      'person 2 contradicted Use floats for prices.',
    ]);
    const byHand = said(correction, { runs: [], times: 0 });
    const { first: _first, last: _last, ...plain } = byHand;
    assert.deepEqual(after([note, plain], [], NOW)[0], 'person 2 contradicted Use floats for prices.');
    assert.deepEqual(after([note], [run('r-9', 30, { correction })], NOW), [
      'person 2 Use floats for prices.',
    ]);
  });
  test('no pinned one, and none that a person wrote by hand', () => {
    const { first: _first, last: _last, ...byHand } = said('By hand.', { runs: [], times: 0 });
    assert.deepEqual(after([{ ...old, pinned: true }, byHand], [], at(1000)), [
      'person 2 Prices are whole cents.',
      'person 0 By hand.',
    ]);
  });
  test('what only forgotten runs had told goes with them', () => {
    const notes = [said('One.', { runs: ['r-a'], times: 1 }), said('Two.', { runs: ['r-a', 'r-b'] })];
    assert.deepEqual(withoutRuns(notes, new Set(['r-a'])).map(words), ['person 1 Two.']);
  });
  test('revising twice is revising once', () => {
    const episodes = [1, 2, 3].map((day) =>
      run(`r-${day}`, day, { correction: 'Prices are whole cents.', facts: ['Redis is needed'] }),
    );
    const once = revised(episodes, { notes: [old], noted: new Set() });
    assert.deepEqual(reviseNotes(once, episodes, NOW), once);
  });
});

const FILE = `# Memory

Some words of ours.

- Prices are whole cents.
  <!-- said by a person · 2026-05-01 to 2026-06-01 · 2 times · in r-a, r-b -->
- Written by hand,
  over two lines
* pinned one <!-- pinned -->
- with a comment <!-- of our own -->

\`\`\`
- no note
\`\`\`
1. no note either
`;

describe('the file', () => {
  test('its items are notes, with where they come from', () => {
    assert.deepEqual(notesOf(readNotes(FILE)).map(words), [
      'person 2 Prices are whole cents.',
      'person 0 Written by hand, over two lines',
      'person 0 pinned one',
      'person 0 with a comment of our own',
    ]);
    assert.deepEqual(notesOf(readNotes(FILE))[0], said('Prices are whole cents.'));
    assert.equal(notesOf(readNotes(FILE))[2]?.pinned, true);
  });

  test('a change touches its own lines alone', () => {
    const document = readNotes(FILE);
    const [first, second] = notesOf(document);
    assert.ok(first && second);
    const faded = { ...first, fading: { since: '2026-06-15', why: 'unused' } as const };
    assert.equal(
      writeNotes(replaceNote(document, first.id, faded)),
      FILE.replace('in r-a, r-b -->', 'in r-a, r-b · fading since 2026-06-15, unused -->'),
    );
    const left = notesOf(document).filter(({ id }) => id !== second.id);
    assert.equal(
      writeNotes(withNotes(document, left)),
      FILE.replace('- Written by hand,\n  over two lines\n', ''),
    );
    const added = said('New.', {
      by: 'agent',
      confirmed: false,
      runs: ['r-c'],
      times: 1,
      last: '2026-05-01',
    });
    assert.equal(
      writeNotes(withNotes(document, [...notesOf(document), added])),
      FILE.replace(
        'of our own -->\n',
        'of our own -->\n- New.\n  <!-- by an agent, unconfirmed · 2026-05-01 · once · in r-c -->\n',
      ),
    );
  });

  test('lines keep the ends that they have', () => {
    const windows = FILE.replaceAll('\n', '\r\n');
    const document = readNotes(windows);
    assert.deepEqual(notesOf(document).map(words), notesOf(readNotes(FILE)).map(words));
    assert.ok(!/[^\r]\n/.test(writeNotes(withNotes(document, [...notesOf(document), said('New.')]))));
    assert.equal(
      writeNotes(
        withNotes(readNotes('- a'), [...notesOf(readNotes('- a')), said('b', { runs: [], times: 0 })]),
      ).split('\n').length,
      4,
    );
  });

  test('whatever stands in the file stays there', () => {
    const pieces = [...FILE.split('\n'), ...ODD_LINES];
    for (let seed = 1; seed <= 500; seed += 1) {
      const pick = picking(seed);
      const end = pick(['\n', '\r\n']);
      const text = Array.from({ length: seed % 12 }, () => pick(pieces)).join(end);
      const document = readNotes(text);
      assert.equal(writeNotes(document), text, JSON.stringify(text));
      assert.equal(writeNotes(withNotes(document, notesOf(document))), text, JSON.stringify(text));
    }
  });

  test('what is written is read again', () => {
    for (let seed = 1; seed <= 500; seed += 1) {
      const pick = picking(seed);
      const notes = Array.from({ length: seed % 5 }, (_, at) => anyNote(pick, at));
      const text = writeNotes(withNotes(readNotes('# Memory\n\n'), notes));
      assert.deepEqual(notesOf(readNotes(text)), notes, text);
    }
  });
});

const ODD_LINES = [
  '- ',
  '  <!-- pinned -->',
  '<!--',
  '\t- x',
  '~~~',
  '- [ ] x',
  '- \u2028',
  '   ',
  '-x',
  '\ud800',
  '+ é',
];

type Pick = <T>(from: readonly T[]) => T;

/** The same choices for the same seed. */
function picking(seed: number): Pick {
  let state = seed;
  return (from) => {
    // Numerical Recipes' generator: good enough to choose by its upper bits.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const found = from[Math.floor((state / 2 ** 32) * from.length)];
    assert.ok(found !== undefined);
    return found;
  };
}

function anyNote(pick: Pick, at: number): Note {
  const word = (): string =>
    pick(['price', '`npm test`', '·', '<!--', '-->', '- x', '# y', '“z”', '日本', '_a_', '\\', '1.']);
  const text = noteText(`n${String(at)} ${Array.from({ length: 5 }, word).join(' ')}`);
  const by = pick(['person', 'agent', 'observed'] as const);
  const day = pick(['2026-01-02', '2026-02-03']);
  const why = pick(['unused', 'contradicted', 'neither'] as const);
  return {
    id: noteId(text),
    text,
    by,
    confirmed: by !== 'agent' || pick([true, false]),
    pinned: pick([true, false]),
    runs: Array.from({ length: pick([1, 2, 3]) }, (_, run) => `r-${String(run)}`),
    times: pick([1, 2, 40]),
    first: day,
    last: pick([day, '2026-03-04']),
    ...(why === 'neither' ? {} : { fading: { since: day, why } }),
  };
}

test('a text cannot pass for more than a note', () => {
  assert.equal(noteText('one\n- two <!-- pinned -->\u202e\u0007 \u2028three'), 'one - two pinned three');
  assert.ok(noteText('x'.repeat(1000)).length <= 301);
});

test('notes are told where they share words with the task, pinned ones always, unconfirmed ones never', () => {
  const { first: _first, last: _last, ...pinned } = said('Write in British English.', { pinned: true });
  const notes = [
    said('Prices are whole cents.'),
    said('The tests need Redis.', { by: 'agent', confirmed: false }),
    said('Prices may be floats.', { fading: { since: '2026-06-01', why: 'contradicted' } }),
    said('Branches are named after issues.'),
    pinned,
  ];
  const told = rankNotes('Show the prices of the tests with Redis', notes, 4);
  assert.deepEqual(
    told.map(({ text, why }) => [text, why]),
    [
      ['Write in British English.', { words: [], pinned: true }],
      ['Prices are whole cents.', { words: ['prices'] }],
    ],
  );
});
