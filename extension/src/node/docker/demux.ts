import { PassThrough, type Readable } from 'node:stream';

const headerBytes = 8;
/** No engine sends frames of this size; a length beyond it means that the stream is not what we think it is. */
const maxFrameBytes = 64 * 1024 * 1024;

/**
 * Splits the stream of an attached container into standard output and error. Each frame has a header of eight bytes: the
 * stream's number, three zeros, and the length (Docker Engine API, "Attach to a container"). Iterative and without copies:
 * the one in docker-modem recurses once a frame and copies the rest each time.
 */
export function demux(source: Readable): { readonly stdout: Readable; readonly stderr: Readable } {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const header = Buffer.alloc(headerBytes);
  let headerLength = 0;
  let target = stdout;
  let left = 0;

  const take = (chunk: Buffer): boolean => {
    let flowing = true;
    for (let at = 0; at < chunk.length;) {
      if (left > 0) {
        const part = chunk.subarray(at, at + left);
        at += part.length;
        left -= part.length;
        flowing = target.write(part) && flowing;
        continue;
      }
      const copied = chunk.copy(header, headerLength, at, at + headerBytes - headerLength);
      at += copied;
      headerLength += copied;
      if (headerLength < headerBytes) break;
      headerLength = 0;
      left = header.readUInt32BE(4);
      target = header[0] === 2 ? stderr : stdout;
      if (left > maxFrameBytes || (header[0] ?? 0) > 2) {
        source.destroy(new Error('The engine sent a malformed stream.'));
        return true;
      }
    }
    return flowing;
  };

  source.on('data', (chunk: Buffer) => {
    if (take(chunk)) return;
    const full = [stdout, stderr].filter((stream) => stream.writableNeedDrain);
    if (full.length === 0) return; // Nobody reads it any more.
    source.pause();
    let waiting = full.length;
    for (const stream of full) stream.once('drain', () => (waiting -= 1) === 0 && source.resume());
  });
  const finish = () => {
    stdout.end();
    stderr.end();
  };
  source.on('end', finish);
  source.on('close', finish);
  source.on('error', finish);
  return { stdout, stderr };
}
