/** The user closed a prompt: the command ends without a word. */
export class Dismissed extends Error {
  override readonly name = 'Dismissed';
}

export function given<T>(value: T | undefined): T {
  if (value === undefined) throw new Dismissed();
  return value;
}

/** By its name, since each bundle has its own copy of the class. */
export function isDismissed(error: unknown): boolean {
  return error instanceof Error && error.name === 'Dismissed';
}
