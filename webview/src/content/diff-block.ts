import { h } from '../dom.ts';

/** Lines that stay the same around a change. */
const CONTEXT = 3;

type Sign = '+' | '-' | ' ' | '…';
const spoken: Readonly<Record<Sign, string>> = { '+': 'added: ', '-': 'removed: ', ' ': '', '…': '' };

/** Whole lines that were added, removed, or stay. */
export interface Change {
  readonly added?: boolean;
  readonly removed?: boolean;
  readonly value: string;
}

/** Changes with a few of the lines around them. */
export function diffBlock(changes: readonly Change[]): HTMLElement {
  return h('div', { class: 'block diff' }, ...linesOf(changes).map(([sign, line]) => diffLine(sign, line)));
}

/** A line of a diff; what it says may be more than a text. */
export function diffLine(sign: Sign, ...children: readonly (Node | string)[]): HTMLElement {
  return h(
    'div',
    { class: 'diff-line', attributes: { 'data-sign': sign } },
    h('span', { class: 'diff-sign', attributes: { 'aria-hidden': 'true' } }, sign),
    spoken[sign] ? h('span', { class: 'spoken' }, spoken[sign]) : undefined,
    ...children,
  );
}

function linesOf(changes: readonly Change[]): readonly (readonly [Sign, string])[] {
  const lines: (readonly [Sign, string])[] = [];
  changes.forEach(({ added, removed, value }, index) => {
    const own = value.replace(/\n$/, '').split('\n');
    if (added || removed) {
      for (const line of own) lines.push([added ? '+' : '-', line]);
      return;
    }
    const head = index === 0 ? 0 : CONTEXT;
    const tail = index === changes.length - 1 ? 0 : CONTEXT;
    if (own.length <= head + tail + 1) {
      for (const line of own) lines.push([' ', line]);
      return;
    }
    for (const line of own.slice(0, head)) lines.push([' ', line]);
    lines.push(['…', `${String(own.length - head - tail)} lines that are the same`]);
    for (const line of own.slice(own.length - tail)) lines.push([' ', line]);
  });
  return lines;
}
