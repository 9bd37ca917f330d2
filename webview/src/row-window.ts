/** Height of a line in CSS pixels, the same as in the style sheet: known heights make 100,000 lines cost what 40 do. */
export const ROW_HEIGHT = 26;
const OVERSCAN = 6;

export interface RowWindow {
  /**
   * Draws the lines in view and the active one, each by its key. A line that stays keeps its element, and one that scrolled
   * away lends it to another.
   */
  show(count: number, active: number, keyOf: (index: number) => string | undefined): void;
  /** Scrolls as little as brings the line into view. */
  reveal(index: number): void;
  /** Lines that fit, less one, so that a page down keeps one of them in sight. */
  page(): number;
}

interface Drawn {
  readonly element: HTMLElement;
}

interface WindowOptions<Line extends Drawn> {
  /** What scrolls. */
  readonly rows: HTMLElement;
  /** As high as all lines; what is drawn is in it. */
  readonly canvas: HTMLElement;
  readonly create: () => Line;
  readonly update: (line: Line, index: number) => void;
}

/** A list that holds only the elements of lines that can be seen. */
export function createRowWindow<Line extends Drawn>({
  rows,
  canvas,
  create,
  update,
}: WindowOptions<Line>): RowWindow {
  const shown = new Map<string, Line>();
  return {
    show: (count, active, keyOf) => {
      const first = Math.max(0, Math.floor(rows.scrollTop / ROW_HEIGHT) - OVERSCAN);
      const last = Math.min(
        count - 1,
        Math.ceil((rows.scrollTop + rows.clientHeight) / ROW_HEIGHT) + OVERSCAN,
      );
      const wanted: number[] = [];
      for (let index = first; index <= last; index++) wanted.push(index);
      if (active >= 0 && (active < first || active > last)) wanted.push(active);

      const keep = new Set(wanted.map(keyOf));
      // Those that scrolled away stand for others at once: taking them out and in again costs more than all the rest.
      const free: Line[] = [];
      for (const [key, line] of shown) {
        if (keep.has(key)) continue;
        shown.delete(key);
        free.push(line);
      }
      for (const index of wanted) {
        const key = keyOf(index);
        if (key === undefined) continue;
        let line = shown.get(key);
        if (!line) {
          line = free.pop() ?? create();
          line.element.id = `row-${key}`;
          shown.set(key, line);
          if (!line.element.isConnected) canvas.append(line.element);
        }
        line.element.style.transform = `translateY(${String(index * ROW_HEIGHT)}px)`;
        update(line, index);
      }
      for (const line of free) line.element.remove();
    },
    reveal: (index) => {
      const top = index * ROW_HEIGHT;
      if (top < rows.scrollTop) rows.scrollTop = top;
      else if (top + ROW_HEIGHT > rows.scrollTop + rows.clientHeight) {
        rows.scrollTop = top + ROW_HEIGHT - rows.clientHeight;
      }
    },
    page: () => Math.max(1, Math.floor(rows.clientHeight / ROW_HEIGHT) - 1),
  };
}
