import { isStrataError, messageOf } from '../../../base/errors.ts';
import { formatBytes } from '../../../protocol/format.ts';
import { listLine } from '../../plain-labels.ts';
import { ERROR, WARNING, type Icon, type ViewRow } from '../../view-row.ts';
import { fadingWords, noteWords } from './note-words.ts';
import {
  ageWords,
  countWords,
  indexDescription,
  searchDescription,
  searchLabel,
  verdictWords,
} from './words.ts';
import type {
  EpisodeNode,
  EpisodesNode,
  IndexNode,
  MemoryNode,
  NoteNode,
  NotesNode,
  SearchNode,
  SharedNode,
} from './nodes.ts';

/** A row of the view. */
export interface Row extends ViewRow {
  /** What a click does. */
  readonly command?: 'refresh' | 'open-run' | 'open-note' | 'choose-embedder' | 'more';
}

/** `now`: milliseconds since 1970. */
export function rowOf(node: MemoryNode, now: number): Row {
  switch (node.type) {
    case 'folder':
      return { label: node.title, title: node.title, lines: [], spoken: node.title, below: 'expanded' };
    case 'trouble':
      return troubleRow(node.error);
    case 'index':
      return indexRow(node, now);
    case 'shared':
      return sharedRow(node);
    case 'search':
      return searchRow(node);
    case 'notes':
      return notesRow(node);
    case 'note':
      return noteRow(node);
    case 'episodes':
      return episodesRow(node);
    case 'episode':
      return episodeRow(node, now);
    case 'more':
      return {
        label: 'Show older runs…',
        icon: { id: 'ellipsis' },
        title: 'Show older runs',
        lines: [],
        spoken: 'show older runs',
        below: 'none',
        command: 'more',
      };
  }
}

function troubleRow(error: unknown): Row {
  const message = messageOf(error);
  const whole = isStrataError(error) ? `${message} ${error.action}` : message;
  return {
    label: listLine(message),
    icon: { id: 'error', color: ERROR },
    title: 'The memory cannot be shown',
    lines: [{ icon: 'error', text: whole }],
    spoken: whole,
    below: 'none',
    command: 'refresh',
  };
}

function indexRow({ state }: IndexNode, now: number): Row {
  const description = indexDescription(state);
  const problem = state.problem;
  return {
    label: 'Index',
    description: listLine(description),
    icon: indexIcon(state),
    title: 'Index of this folder',
    lines: [
      ...(problem ? [{ icon: 'warning', text: `${problem.message} ${problem.action}` }] : []),
      { icon: 'file', text: `${countWords(state.files, 'file')} in ${countWords(state.chunks, 'chunk')}.` },
      { icon: 'database', text: `${formatBytes(state.bytes)} on the disk.` },
      ...(state.indexedAt === undefined
        ? []
        : [
            {
              icon: 'history',
              text: `The whole folder was last looked at ${ageWords(state.indexedAt, now)}.`,
            },
          ]),
      ...(state.kept === 'elsewhere'
        ? [
            {
              icon: 'link-external',
              text: 'Another window or a terminal keeps it up to date; this one reads it.',
            },
          ]
        : []),
    ],
    spoken: `index, ${description}${problem ? `, ${problem.message}` : ''}`,
    context: `index.${state.phase}`,
    below: 'none',
  };
}

function indexIcon({ phase, problem }: IndexNode['state']): Icon {
  if (phase === 'unavailable') return { id: 'error', color: ERROR };
  if (phase === 'indexing') return { id: 'sync~spin' };
  if (phase === 'paused') return { id: 'debug-pause', color: WARNING };
  if (problem) return { id: 'warning', color: WARNING };
  return phase === 'none' ? { id: 'circle-large-outline' } : { id: 'database' };
}

function sharedRow({ address, state: { phase, problem } }: SharedNode): Row {
  const isOut = phase === 'unavailable' && problem !== undefined;
  const description = isOut ? problem.message : address;
  return {
    label: 'Shared',
    description: listLine(description, ADDRESS_CHARACTERS),
    icon: isOut ? { id: 'error', color: ERROR } : { id: 'cloud' },
    title: 'Shared memory',
    lines: [
      ...(isOut ? [{ icon: 'error', text: `${problem.message} ${problem.action}` }] : []),
      { icon: 'cloud', text: `Index, vectors and earlier runs of this folder are kept at ${address}` },
      { icon: 'shield', text: 'The text of the indexed files is stored there. Notes stay in this folder.' },
    ],
    spoken: `shared memory, ${description}`,
    context: isOut ? 'shared.unavailable' : 'shared',
    below: 'none',
    ...(isOut ? { command: 'refresh' } : {}),
  };
}

function searchRow({ state }: SearchNode): Row {
  const { embedder, shared } = state;
  const [label, description] = [searchLabel(state), searchDescription(state)];
  const problem = embedder?.problem;
  return {
    label,
    description: listLine(description),
    icon: problem ? { id: 'warning', color: WARNING } : { id: embedder ? 'sparkle' : 'search' },
    title: label,
    lines: embedder
      ? [
          { icon: 'sparkle', text: `Embedder ${embedder.id}${dimensionWords(embedder.dimension)}.` },
          {
            icon: 'pie-chart',
            text: `${embedder.embedded.toLocaleString('en')} of ${countWords(embedder.total, 'text')} embedded.`,
          },
          ...(problem ? [{ icon: 'warning', text: `${problem.message} ${problem.action}` }] : []),
        ]
      : [
          { icon: 'search', text: 'Matches the words of paths, names, comments and code.' },
          {
            icon: 'shield',
            text: `${shared === undefined ? 'Nothing leaves this machine. ' : ''}An embedder finds what is said in other words.`,
          },
        ],
    spoken: `${label.toLowerCase()}, ${description}${problem ? `, ${problem.message}` : ''}`,
    context: embedder ? 'search.embedder' : 'search.keyword',
    below: 'none',
    command: 'choose-embedder',
  };
}

function dimensionWords(dimension: number | undefined): string {
  return dimension === undefined ? '' : `, ${dimension} dimensions`;
}

function notesRow({ notes }: NotesNode): Row {
  return {
    label: 'Notes',
    description: String(notes.length),
    icon: { id: 'note' },
    title: 'Notes',
    lines: [
      { icon: 'note', text: 'What has proved lasting, in .strata/memory.md. Agents are reminded of it.' },
    ],
    spoken: countWords(notes.length, 'note'),
    context: 'notes',
    below: 'expanded',
  };
}

function noteRow({ state: note }: NoteNode): Row {
  const facts = noteWords(note);
  return {
    label: listLine(note.text),
    ...(facts.length > 0 ? { description: facts.join(' · ') } : {}),
    icon: noteIcon(note),
    title: 'Note',
    lines: [
      { icon: 'note', text: note.text },
      ...(note.pinned
        ? [{ icon: 'pinned', text: 'Pinned: it never fades, and each run is told of it.' }]
        : []),
      ...(note.confirmed
        ? []
        : [
            {
              icon: 'question',
              text: 'An agent asked to keep it. No run is told of it before you confirm it.',
            },
          ]),
      ...(note.fading ? [{ icon: 'clock', text: fadingWords(note.fading) }] : []),
      ...(note.runs.length > 0
        ? [{ icon: 'history', text: `From ${note.runs.slice(0, MOST_RUNS).join(', ')}.` }]
        : []),
    ],
    spoken: ['note', note.text, ...facts].join(', '),
    context: ['note', note.pinned ? 'pinned' : 'loose', note.confirmed ? 'confirmed' : 'unconfirmed'].join(
      '.',
    ),
    below: 'none',
    command: 'open-note',
  };
}

function noteIcon({ pinned, confirmed, fading }: NoteNode['state']): Icon {
  if (pinned) return { id: 'pinned' };
  if (!confirmed) return { id: 'question', color: WARNING };
  return { id: fading ? 'clock' : 'note' };
}

function episodesRow({ episodes }: EpisodesNode): Row {
  const count = episodes.filter(({ type }) => type === 'episode').length;
  const more = episodes.length > count;
  return {
    label: 'Earlier Runs',
    description: more ? `newest ${count}` : String(count),
    icon: { id: 'history' },
    title: 'Earlier runs',
    lines: [
      { icon: 'history', text: 'What is kept of each run. Agents recall those that are like their task.' },
    ],
    spoken: more ? `the newest ${count} earlier runs` : countWords(count, 'earlier run'),
    context: 'episodes',
    below: 'expanded',
  };
}

function episodeRow({ episode }: EpisodeNode, now: number): Row {
  const verdict = verdictWords(episode);
  const facts = [
    ...(episode.pinned === true ? ['pinned'] : []),
    ...(episode.outcome === 'succeeded' ? [] : [episode.outcome]),
    ...verdict,
    ageWords(episode.at, now),
  ];
  return {
    label: listLine(episode.task, LABEL_CHARACTERS),
    description: listLine(facts.join(' · ')),
    icon: episodeIcon(episode),
    title: episode.task,
    lines: [
      {
        icon: 'person',
        text: `${episode.agent}, ${episode.outcome}, ${new Date(episode.at).toLocaleString()}`,
      },
      ...verdict.map((text) => ({
        icon: 'feedback',
        text: `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}.`,
      })),
      ...(episode.correction === undefined
        ? []
        : [{ icon: 'edit', text: `You said: ${episode.correction}` }]),
      ...(episode.answer === '' ? [] : [{ icon: 'comment', text: episode.answer }]),
      ...(episode.files.length === 0
        ? []
        : [{ icon: 'file', text: `Changed: ${episode.files.slice(0, MOST_FILES).join(', ')}` }]),
      ...episode.failures.slice(0, MOST_FAILURES).map((text) => ({ icon: 'error', text })),
    ],
    spoken: [`${episode.outcome}: ${episode.task}`, `agent ${episode.agent}`, ...facts].join(', '),
    context: ['episode', episode.pinned === true ? 'pinned' : 'loose', episode.verdict ?? 'unrated'].join(
      '.',
    ),
    below: 'none',
    command: 'open-run',
  };
}

function episodeIcon({ outcome, verdict, pinned }: EpisodeNode['episode']): Icon {
  if (pinned === true) return { id: 'pinned' };
  if (verdict === 'down') return { id: 'thumbsdown', color: WARNING };
  if (verdict === 'up') return { id: 'thumbsup', color: 'testing.iconPassed' };
  if (outcome === 'succeeded') return { id: 'pass', color: 'testing.iconPassed' };
  if (outcome === 'failed') return { id: 'error', color: 'testing.iconFailed' };
  return outcome === 'stopped' ? { id: 'circle-slash' } : { id: 'debug-pause', color: WARNING };
}

const LABEL_CHARACTERS = 60;
const ADDRESS_CHARACTERS = 120;
const MOST_RUNS = 5;
const MOST_FILES = 10;
const MOST_FAILURES = 5;
