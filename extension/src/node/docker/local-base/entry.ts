/** A file of this machine and its place in the image. */
export interface Entry {
  readonly name: string;
  readonly source: string;
  readonly mode: number;
}
