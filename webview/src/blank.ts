import type { ErrorInfo } from '../../extension/src/protocol/run-event.ts';
import { h, setText } from './dom.ts';
import { icon } from './icons.ts';

export interface Blank {
  readonly element: HTMLElement;
  /** What the page says while there is no run to show. */
  show(state: 'loading' | ErrorInfo): void;
  progress(steps: number, total: number): void;
}

export function createBlank(): Blank {
  const element = h('main', { class: 'blank' });
  const words = h('p', { attributes: { role: 'status' } }, 'Loading the run…');
  return {
    element,
    show: (state) => {
      element.replaceChildren(
        ...(state === 'loading'
          ? [h('vscode-progress-ring', { attributes: { 'aria-label': 'Loading the run' } }), words]
          : [
              icon('error'),
              h('h1', {}, state.message),
              h('p', {}, state.action ?? ''),
              h('code', {}, state.code),
            ]),
      );
    },
    progress: (steps, total) => {
      setText(words, `Loading the run: ${steps.toLocaleString()} of ${total.toLocaleString()} steps…`);
    },
  };
}
