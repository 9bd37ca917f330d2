/** One way to get a streamed answer. */
export interface Contender {
  /** Streams one answer. Resolves with the length of its text when its usage is there too. */
  complete(): Promise<number>;
  close?(): void | Promise<void>;
}

export interface ContenderOptions {
  /** Of the model server, with `/v1`. */
  readonly url: string;
  /** Of the gateway, with `/v1`. */
  readonly gateway: string;
}

export type OpenContender = (options: ContenderOptions) => Promise<Contender>;
