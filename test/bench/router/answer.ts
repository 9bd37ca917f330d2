/** An answer of the server. The address says which: it stands before `/v1`. */
export interface Answer {
  readonly chunks: number;
  /** `packed`: as few writes as they fit; `apart`: a write for each event, which is what a token costs a real server. */
  readonly written: 'packed' | 'apart';
}

export function addressOf(server: string, { chunks, written }: Answer): string {
  return `${server}/${written}-${chunks}/v1`;
}

export function answerAt(address: string): Answer {
  const found = /\/(packed|apart)-(\d+)\/v1/.exec(address);
  if (!found) throw new Error(`No such address: ${address}`);
  return { chunks: Number(found[2]), written: found[1] === 'apart' ? 'apart' : 'packed' };
}

export const MODEL = 'gpt-5';

/** About a token. */
export const PIECE = ' value';

export const PROMPT = 'You are a careful assistant. '.repeat(40);
export const TASK = 'Say it again and again. '.repeat(20);
