/** What of a line counts for where keys lead. */
export interface TreeRow {
  readonly expandable: boolean;
  readonly expanded: boolean;
  readonly parent: { readonly index: number } | undefined;
}

export interface KeyTarget {
  readonly index: number;
  /** Open or close the line instead of moving to it. */
  readonly expand?: boolean;
}

/** Where a key leads in a tree, after the ARIA authoring practices; undefined when it does nothing. */
export function targetOf(
  key: string,
  rows: readonly TreeRow[],
  index: number,
  page: number,
): KeyTarget | undefined {
  const last = rows.length - 1;
  const row = rows[index];
  const to = (target: number) => ({ index: Math.min(last, Math.max(0, target)) });
  switch (key) {
    case 'ArrowDown':
      return to(index + 1);
    case 'ArrowUp':
      return to(index - 1);
    case 'PageDown':
      return to(index + page);
    case 'PageUp':
      return to(index - page);
    case 'Home':
      return to(0);
    case 'End':
      return to(last);
    case 'ArrowRight':
      if (!row?.expandable) return undefined;
      return row.expanded ? to(index + 1) : { index, expand: true };
    case 'ArrowLeft':
      if (row?.expandable && row.expanded) return { index, expand: false };
      return row?.parent ? to(row.parent.index) : undefined;
    default:
      return undefined;
  }
}
