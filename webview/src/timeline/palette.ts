import { h } from '../dom.ts';
import { COLOURS } from './colours.ts';

export interface Palette {
  readonly kinds: readonly string[];
  /** Text that can be read on each of them. */
  readonly onKinds: readonly string[];
  readonly bad: string;
  readonly warn: string;
  readonly background: string;
  readonly foreground: string;
  readonly muted: string;
  readonly line: string;
  readonly focus: string;
  /** Only themes of high contrast draw borders. */
  readonly contrast: string | undefined;
  readonly font: string;
}

/** The theme's colours as a canvas takes them. An element of each is asked, since a variable may lead to others. */
export function readPalette(place: HTMLElement): Palette {
  const probe = h('span', { class: 'probe', attributes: { 'aria-hidden': 'true' } });
  place.append(probe);
  const colour = (value: string): string => {
    probe.style.color = '';
    probe.style.color = value;
    return getComputedStyle(probe).color;
  };
  const kinds = COLOURS.map((kind) => {
    probe.dataset['kind'] = kind;
    return colour('var(--kind)');
  });
  const background = colour('var(--vscode-editor-background)');
  const foreground = colour('var(--vscode-foreground)');
  const bordered = getComputedStyle(probe).getPropertyValue('--vscode-contrastBorder') !== '';
  const palette: Palette = {
    kinds,
    onKinds: kinds.map((kind) => readableOn(kind, background, foreground)),
    bad: colour('var(--bad)'),
    warn: colour('var(--warn)'),
    background,
    foreground,
    muted: colour('var(--muted)'),
    line: colour('var(--line)'),
    focus: colour('var(--vscode-contrastActiveBorder, var(--vscode-focusBorder))'),
    contrast: bordered ? colour('var(--vscode-contrastBorder)') : undefined,
    font: getComputedStyle(place).fontFamily,
  };
  probe.remove();
  return palette;
}

function readableOn(surface: string, ...texts: readonly [string, string]): string {
  const [first, second] = texts;
  return contrast(surface, first) >= contrast(surface, second) ? first : second;
}

/** WCAG 2.2, relative luminance and contrast ratio. */
function contrast(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map((part) => {
    const share = Number(part) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
