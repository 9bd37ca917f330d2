import { h, setText } from '../dom.ts';

export interface Tip {
  readonly element: HTMLElement;
  show(text: string, x: number, y: number): void;
  hide(): void;
}

/** For the eyes: what it says is in the list of steps too. */
export function createTip(): Tip {
  const element = h('div', { class: 'tip', attributes: { 'aria-hidden': 'true' } });
  element.hidden = true;
  return {
    element,
    show: (text, x, y) => {
      setText(element, text);
      element.hidden = false;
      const room = (element.parentElement?.clientWidth ?? 0) - element.offsetWidth - 4;
      element.style.transform = `translate(${String(Math.max(4, Math.min(x + 12, room)))}px, ${String(y + 16)}px)`;
    },
    hide: () => {
      element.hidden = true;
    },
  };
}
