import type { RunLine } from '../../../extension/src/protocol/metrics-panel.ts';
import type { RunId } from '../../../extension/src/protocol/run-event.ts';
import { h } from '../dom.ts';

const TONES: Readonly<Record<RunLine['status'], { readonly tone: string; readonly text: string }>> = {
  running: { tone: 'busy', text: 'Running' },
  paused: { tone: 'warn', text: 'Paused' },
  interrupted: { tone: 'warn', text: 'Interrupted' },
  succeeded: { tone: 'ok', text: 'Succeeded' },
  failed: { tone: 'bad', text: 'Failed' },
  stopped: { tone: 'quiet', text: 'Stopped' },
};

interface RunListOptions {
  readonly heading: string;
  readonly runs: readonly RunLine[];
  readonly count: number;
  readonly onOpen: (run: RunId) => void;
}

/** The runs behind a number; each leads to its trace. */
export function createRunList({ heading, runs, count, onOpen }: RunListOptions): readonly HTMLElement[] {
  const rest = count - runs.length;
  return [
    h('h2', {}, `${count.toLocaleString()} ${count === 1 ? 'run' : 'runs'}`),
    h('p', { class: 'hint' }, heading),
    h(
      'ol',
      { class: 'runs' },
      ...runs.map((run) => {
        const { tone, text } = TONES[run.status];
        const time = new Date(run.startedAt).toLocaleString(undefined, {
          dateStyle: 'medium',
          timeStyle: 'short',
        });
        return h(
          'li',
          {},
          h(
            'button',
            {
              class: 'run',
              attributes: { type: 'button', 'data-tone': tone },
              onClick: () => {
                onOpen(run.id);
              },
            },
            h('span', { class: 'run-task' }, run.task || run.id),
            h('span', { class: 'run-facts' }, `${text} · ${run.agent} · ${time} · ${run.cost}`),
          ),
        );
      }),
    ),
    ...(rest > 0
      ? [h('p', { class: 'hint' }, `And ${rest.toLocaleString()} older ones: choose a shorter time.`)]
      : []),
  ];
}
