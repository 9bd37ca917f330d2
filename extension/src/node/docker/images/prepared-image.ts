/** An image that is on the engine, and how a server runs from it. */
export interface PreparedImage {
  /** `sha256:…`. Everything runs by it, so that a name that is moved to another image changes nothing. */
  readonly id: string;
  /** The name that it was found by. */
  readonly reference: string;
  /** What names the same content anywhere: `name@sha256:…` of a registry, `sha512-…` of an npm package. */
  readonly digest?: string;
  /** What to write down in place of a range or a tag to get the same again: `name@1.2.3`, `name@sha256:…`. */
  readonly exact?: string;
  /** What it is made of, in one line for people. */
  readonly what: string;
  /** In place of the image's own; absent where that one is kept. */
  readonly entrypoint?: readonly string[];
  readonly arguments: readonly string[];
  /** Besides what the image sets. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Sentences for the person who sets the server up. */
  readonly notes: readonly string[];
}

export interface ImageRequest {
  /** Name of the server. */
  readonly name: string;
  /** Holds `<server>/Dockerfile` and `<server>/server.mjs` of each built-in server. */
  readonly serversDir: string;
  /** The workspace folder: Dockerfiles and scripts are taken from it, and its path in arguments becomes `/workspace`. */
  readonly folder: string;
  /** The base image, as it is configured. */
  readonly base: string;
  readonly signal: AbortSignal;
}

export interface ImageOptions {
  readonly signal: AbortSignal;
  /** One line about what is being done, for people. */
  readonly onProgress: (text: string) => void;
}

export interface PrepareRequest extends ImageRequest, ImageOptions {
  /** Fetch and build it anew, although there is one: for newer versions within a range or under a tag. */
  readonly again?: boolean;
}
