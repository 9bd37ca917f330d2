/** A damaged log, and what of it is in the new one. */
export interface MovedAside {
  /** Where it is kept. */
  readonly path: string;
  /** Runs that are in the new log, whole. Sub-runs do not count here. */
  readonly saved: number;
  /** Runs that are known to have been there and are not whole; undefined where it cannot be known how many there were. */
  readonly lost: number | undefined;
}

/** For a person to read. */
export function movedAsideText({ path, saved, lost }: MovedAside): string {
  const rest = lost === undefined ? 'what else it held cannot be known' : `${runs(lost)} could not be`;
  return `The run log was damaged and was moved to ${path}; ${runs(saved)} of it could be saved, ${rest}.`;
}

function runs(count: number): string {
  return count === 1 ? '1 run' : `${count} runs`;
}
