import { h } from './dom.ts';

/** What can be done where a page has words in place of its content. */
export function action(label: string, onClick: () => void): HTMLElement {
  return h('button', { class: 'action', attributes: { type: 'button' }, onClick }, label);
}
