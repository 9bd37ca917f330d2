/** What pointers, wheels and keys ask of the timeline, in pixels of its canvas. */
export interface Gestures {
  zoom(x: number, factor: number): void;
  pan(pixels: number): void;
  /** False when there is nothing to scroll to, so that the page may. */
  scroll(pixels: number): boolean;
  click(x: number, y: number): void;
  hover(x: number, y: number): void;
  leave(): void;
  /** True when the key did something. */
  key(event: KeyboardEvent): boolean;
}

/** Movement up to this many pixels is a click. */
const STILL = 3;
/** A notch of a wheel is 100 or 120 pixels and a trackpad's pinch a few; one notch zooms by a fifth or so. */
const PIXELS_PER_FOLD = 500;

export function listen(element: HTMLElement, gestures: Gestures): void {
  const place = (event: MouseEvent): readonly [number, number] => {
    const { left, top } = element.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  element.addEventListener(
    'wheel',
    (event) => {
      // Lines and pages of wheels that count in them.
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : 30;
      const [across, down] = [event.deltaX * unit, event.deltaY * unit];
      if (event.ctrlKey || event.metaKey) {
        gestures.zoom(place(event)[0], Math.exp(-down / PIXELS_PER_FOLD));
        event.preventDefault();
      } else if (Math.abs(across) > Math.abs(down) || event.shiftKey) {
        gestures.pan(across === 0 ? down : across);
        event.preventDefault();
      } else if (gestures.scroll(down)) event.preventDefault();
    },
    { passive: false },
  );
  element.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    const [x, y] = place(event);
    let moved = false;
    let [lastX, lastY] = [x, y];
    element.setPointerCapture(event.pointerId);
    const move = (next: PointerEvent) => {
      const [toX, toY] = place(next);
      moved ||= Math.abs(toX - x) > STILL || Math.abs(toY - y) > STILL;
      if (!moved) return;
      gestures.pan(lastX - toX);
      gestures.scroll(lastY - toY);
      [lastX, lastY] = [toX, toY];
    };
    const end = (last: PointerEvent) => {
      element.removeEventListener('pointermove', move);
      element.removeEventListener('pointerup', end);
      element.removeEventListener('pointercancel', end);
      if (!moved && last.type === 'pointerup') gestures.click(x, y);
    };
    element.addEventListener('pointermove', move);
    element.addEventListener('pointerup', end);
    element.addEventListener('pointercancel', end);
  });
  element.addEventListener('pointermove', (event) => {
    if (event.buttons === 0) gestures.hover(...place(event));
  });
  element.addEventListener('pointerleave', () => {
    gestures.leave();
  });
  element.addEventListener('keydown', (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (gestures.key(event)) event.preventDefault();
  });
}
