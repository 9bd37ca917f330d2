/** A row of a view as data; `view-item.ts` makes the editor's own of it. */
export interface ViewRow {
  readonly label: string;
  readonly description?: string;
  readonly icon?: Icon;
  /** Above the lines of the tooltip. */
  readonly title: string;
  readonly lines: readonly Line[];
  /** For a screen reader. */
  readonly spoken: string;
  readonly context?: string;
  readonly below: 'none' | 'collapsed' | 'expanded';
}

/** A line of a tooltip. */
export interface Line {
  readonly icon: string;
  readonly text: string;
}

export interface Icon {
  readonly id: string;
  readonly color?: string;
}

/** Colours of icons that say that something is not as it should be. */
export const WARNING = 'list.warningForeground';
export const ERROR = 'list.errorForeground';
