import { button } from './button.ts';
import { h, replaceWhen, setAttribute } from './dom.ts';
import { icon } from './icons.ts';
import { isLive } from './model.ts';
import type { Model } from './model.ts';

export interface SteerBox {
  readonly element: HTMLElement;
  update(model: Model): void;
  setBusy(busy: boolean): void;
  /** It was said: the box is free for the next. */
  clear(): void;
}

const KEYS = /Mac/.test(navigator.userAgent) ? '⌘Enter' : 'Ctrl+Enter';

/** What a person says to the agent of a run that this window works on. */
export function createSteerBox(onSay: (text: string) => void): SteerBox {
  const box = h('textarea', {
    class: 'steer-text',
    attributes: {
      rows: '1',
      'aria-label': 'Say something to the agent',
      placeholder: `Say something to the agent: it reads it before its next step (${KEYS})`,
    },
  });
  const say = (): void => {
    const text = box.value.trim();
    if (text !== '') onSay(text);
  };
  const send = button({ icon: 'send', label: 'Send', title: `Send (${KEYS})`, onClick: say });
  const waiting = h('ul', { class: 'plain steer-waiting', attributes: { 'aria-label': 'Not read yet' } });
  box.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    say();
  });
  const element = h(
    'section',
    { class: 'steer', attributes: { 'aria-label': 'Steer the run' } },
    waiting,
    h('div', { class: 'steer-line' }, box, send),
  );
  element.hidden = true;
  return {
    element,
    update: (model) => {
      const hidden = !isLive(model) || !model.facts.own;
      if (element.hidden !== hidden) element.hidden = hidden;
      const taken = model.run.steps.filter(({ kind }) => kind === 'steer').length;
      const unread = model.run.steering
        .slice(taken)
        .map(({ text, route }) => text ?? route ?? 'Another prompt');
      replaceWhen(waiting, JSON.stringify(unread), () =>
        unread.map((text) => h('li', { title: 'The agent has not read it yet' }, icon('comment'), text)),
      );
    },
    setBusy: (busy) => {
      setAttribute(send, 'disabled', busy ? '' : undefined);
    },
    clear: () => {
      box.value = '';
    },
  };
}
