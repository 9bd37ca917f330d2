import { h } from '../dom.ts';

/** A canvas that is as large as its place, whatever the screen's density, and hidden from screen readers. */
export interface Surface {
  readonly element: HTMLCanvasElement;
  /** The context at the given size in CSS pixels, ready to be drawn on anew; undefined when there is no room. */
  begin(width: number, height: number): CanvasRenderingContext2D | undefined;
}

export function createSurface(): Surface {
  const element = h('canvas', { attributes: { 'aria-hidden': 'true' } });
  // Nothing shines through: what is opaque is put on the screen with less work.
  const context = element.getContext('2d', { alpha: false });
  return {
    element,
    begin: (width, height) => {
      if (!context || width < 1 || height < 1) return undefined;
      const density = window.devicePixelRatio;
      const [wide, high] = [Math.round(width * density), Math.round(height * density)];
      if (element.width !== wide || element.height !== high) {
        element.width = wide;
        element.height = high;
        element.style.width = `${String(width)}px`;
        element.style.height = `${String(height)}px`;
      }
      context.setTransform(density, 0, 0, density, 0, 0);
      return context;
    },
  };
}
