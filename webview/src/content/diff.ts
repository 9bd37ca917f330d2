import { diffLines } from 'diff';
import { h } from '../dom.ts';

/** Lines that stay the same around a change. */
const CONTEXT = 3;
/** The time that comparing grows with the square of what differs. */
const LONGEST = 100_000;

type Sign = '+' | '-' | ' ' | '…';
const spoken: Readonly<Record<Sign, string>> = { '+': 'added: ', '-': 'removed: ', ' ': '', '…': '' };

/** What became of a text; undefined where that cannot be told in reasonable time. */
export function textDiff(before: string, after: string): HTMLElement | undefined {
  if (before.length + after.length > LONGEST) return undefined;
  const parts = diffLines(before, after, { timeout: 200 });
  if (!parts) return undefined;
  const lines: (readonly [Sign, string])[] = [];
  parts.forEach(({ added, removed, value }, index) => {
    const own = value.replace(/\n$/, '').split('\n');
    if (added || removed) {
      for (const line of own) lines.push([added ? '+' : '-', line]);
      return;
    }
    const head = index === 0 ? 0 : CONTEXT;
    const tail = index === parts.length - 1 ? 0 : CONTEXT;
    if (own.length <= head + tail + 1) {
      for (const line of own) lines.push([' ', line]);
      return;
    }
    for (const line of own.slice(0, head)) lines.push([' ', line]);
    lines.push(['…', `${String(own.length - head - tail)} lines that are the same`]);
    for (const line of own.slice(own.length - tail)) lines.push([' ', line]);
  });
  return diffBlock(lines);
}

function diffBlock(lines: readonly (readonly [Sign, string])[]): HTMLElement {
  return h(
    'div',
    { class: 'block diff' },
    ...lines.map(([sign, line]) =>
      h(
        'div',
        { class: 'diff-line', attributes: { 'data-sign': sign } },
        h('span', { class: 'diff-sign', attributes: { 'aria-hidden': 'true' } }, sign),
        spoken[sign] ? h('span', { class: 'spoken' }, spoken[sign]) : undefined,
        line,
      ),
    ),
  );
}
