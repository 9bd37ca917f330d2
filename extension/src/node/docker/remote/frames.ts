import type { Readable, Writable } from 'node:stream';

/** What the two ends of a copied folder say to each other: a line of JSON and some bytes. */
export interface Frame {
  readonly head: unknown;
  readonly body: Buffer;
}

export const largestBody = 256 * 1024;
const largestHead = 4 * 1024 * 1024;
const lengths = 8;

/** Waits while the other end has more than it can take. */
export async function writeFrame(
  stream: Writable,
  head: object,
  body: Buffer = Buffer.alloc(0),
): Promise<void> {
  const text = Buffer.from(JSON.stringify(head));
  const frame = Buffer.alloc(lengths + text.length + body.length);
  frame.writeUInt32BE(text.length, 0);
  frame.writeUInt32BE(body.length, 4);
  text.copy(frame, lengths);
  body.copy(frame, lengths + text.length);
  await new Promise<void>((resolve, reject) =>
    stream.write(frame, (error) => (error ? reject(error) : resolve())),
  );
}

/** The frames of a stream, one after another. Ends with the stream; throws when it is no such stream. */
export async function* readFrames(stream: Readable): AsyncGenerator<Frame, void, undefined> {
  let parts: Buffer[] = [];
  let held = 0;
  let wanted = lengths;
  for await (const chunk of stream) {
    parts.push(chunk as Buffer);
    held += (chunk as Buffer).length;
    while (held >= wanted) {
      const all = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
      const [head, body] = [all.readUInt32BE(0), all.readUInt32BE(4)];
      if (head > largestHead || body > largestBody) throw new Error('The stream has no such frames.');
      wanted = lengths + head + body;
      parts = [all];
      if (held < wanted) break;
      yield {
        head: JSON.parse(all.toString('utf8', lengths, lengths + head)),
        body: all.subarray(lengths + head, wanted),
      };
      parts = [all.subarray(wanted)];
      held -= wanted;
      wanted = lengths;
    }
  }
}
