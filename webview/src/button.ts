import { h } from './dom.ts';
import { icon } from './icons.ts';
import type { IconName } from './icon-names.ts';

interface ButtonOptions {
  readonly icon: IconName;
  readonly label: string;
  readonly primary?: boolean;
  readonly title?: string;
  readonly onClick: () => void;
}

/** A toolkit button with an icon and a label. */
export function button(options: ButtonOptions): HTMLElement {
  const element = h(
    'vscode-button',
    {
      attributes: { appearance: options.primary ? 'primary' : 'secondary' },
      ...(options.title ? { title: options.title } : {}),
      onClick: options.onClick,
    },
    options.label,
  );
  const start = icon(options.icon);
  start.slot = 'start';
  element.prepend(start);
  return element;
}

/** A small button that looks like a link, for lists and blocks. */
export function linkButton(label: string, onClick: () => void, name?: IconName): HTMLButtonElement {
  const element = h('button', { class: 'link', attributes: { type: 'button' }, onClick });
  if (name) element.append(icon(name));
  element.append(label);
  return element;
}
