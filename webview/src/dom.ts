type Child = Node | string | undefined;

interface Options {
  readonly class?: string;
  readonly title?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly onClick?: () => void;
}

/** Builds an element. Text becomes text nodes, so nothing that a run recorded can become markup. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  options?: Options,
  ...children: readonly Child[]
): HTMLElementTagNameMap[K];
export function h(tag: string, options?: Options, ...children: readonly Child[]): HTMLElement;
export function h(tag: string, options: Options = {}, ...children: readonly Child[]): HTMLElement {
  const element = document.createElement(tag);
  if (options.class) element.className = options.class;
  if (options.title) element.title = options.title;
  for (const [name, value] of Object.entries(options.attributes ?? {})) element.setAttribute(name, value);
  const { onClick } = options;
  if (onClick) {
    element.addEventListener('click', () => {
      onClick();
    });
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** Writes only what differs: an unchanged text keeps the reader's selection and the screen reader quiet. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function setAttribute(element: Element, name: string, value: string | undefined): void {
  if (value === undefined) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** Replaces the children only when the key of what they show has changed. */
export function replaceWhen(element: HTMLElement, key: string, children: () => readonly Child[]): void {
  if (element.dataset['shows'] === key) return;
  element.dataset['shows'] = key;
  element.replaceChildren(...children().filter((child) => child !== undefined));
}
