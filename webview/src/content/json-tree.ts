import type { Json } from '../../../extension/src/base/json.ts';
import { linkButton } from '../button.ts';
import { h } from '../dom.ts';

/** Members that are shown at once; the next come on request. */
const BATCH = 100;
/** Levels that are open at first. */
const OPEN = 2;
/** Members above which a value is closed at first, however far out it is. */
const FEW = 20;
const LONGEST_TEXT = 2000;

/** JSON as a tree. What is inside of a closed value is made when it is opened. */
export function jsonTree(value: Json): HTMLElement {
  return h('div', { class: 'json' }, node(undefined, value, 0));
}

function node(name: string | undefined, value: Json, depth: number): HTMLElement {
  const label = name === undefined ? [] : [h('span', { class: 'json-name' }, name), ': '];
  const members = membersOf(value);
  if (!members) return h('div', { class: 'json-leaf' }, ...label, leaf(value));
  if (members.length === 0)
    return h('div', { class: 'json-leaf' }, ...label, Array.isArray(value) ? '[]' : '{}');
  const inside = h('div', { class: 'json-inside' });
  const details = h(
    'details',
    {},
    h('summary', {}, ...label, h('span', { class: 'json-size' }, sizeOf(value, members.length))),
    inside,
  );
  const fill = () => {
    if (inside.childElementCount === 0) append(inside, members, 0, depth);
  };
  if (depth < OPEN && members.length <= FEW) {
    details.open = true;
    fill();
  }
  details.addEventListener('toggle', fill);
  return details;
}

function append(
  place: HTMLElement,
  members: readonly (readonly [string, Json])[],
  from: number,
  depth: number,
): void {
  const next = members.slice(from, from + BATCH);
  place.append(...next.map(([name, value]) => node(name, value, depth + 1)));
  const left = members.length - from - next.length;
  if (left === 0) return;
  const more = linkButton(`Show ${String(Math.min(BATCH, left))} more of ${String(left)}`, () => {
    more.remove();
    append(place, members, from + BATCH, depth);
  });
  place.append(more);
}

function leaf(value: Json): HTMLElement {
  if (typeof value !== 'string') return h('span', { class: 'token-num' }, JSON.stringify(value));
  if (value.length <= LONGEST_TEXT) return h('span', { class: 'token-str' }, JSON.stringify(value));
  const text = h(
    'span',
    { class: 'token-str' },
    `${JSON.stringify(value.slice(0, LONGEST_TEXT)).slice(0, -1)}…`,
  );
  const more = linkButton(`Show all ${value.length.toLocaleString()} characters`, () => {
    text.textContent = JSON.stringify(value);
    more.remove();
  });
  return h('span', {}, text, ' ', more);
}

function membersOf(value: Json): readonly (readonly [string, Json])[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).flatMap(([name, member]) =>
    member === undefined ? [] : [[name, member] as const],
  );
}

function sizeOf(value: Json, count: number): string {
  const items = `${count.toLocaleString()} ${count === 1 ? 'item' : 'items'}`;
  return Array.isArray(value) ? `[ ${items} ]` : `{ ${items} }`;
}
