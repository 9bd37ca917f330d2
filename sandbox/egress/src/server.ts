import { createServer } from 'node:net';
import { pipeline } from 'node:stream';
import { encodeFrame, kinds, protocolVersion } from '../../../extension/src/node/docker/egress/frames.ts';
import { Multiplexer } from '../../../extension/src/node/docker/egress/multiplexer.ts';

/**
 * The forwarder of a server's network: it runs in a container whose only network is a loopback, which the server shares, and
 * hands every connection to the host over its standard streams. It decides nothing; see extension/src/node/docker/egress/.
 */
const maxConnections = 64;

const multiplexer = new Multiplexer({ send: (bytes) => process.stdout.write(bytes), maxConnections });

const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
  // Counted here and not by `server.maxConnections`: a socket may be gone before the host has said its last about it.
  if (multiplexer.size >= maxConnections) {
    socket.destroy();
    return;
  }
  const connection = multiplexer.open();
  // Each way ends by itself; a break of one ends both.
  pipeline(socket, connection, onBreak);
  pipeline(connection, socket, onBreak);
  function onBreak(error: unknown): void {
    if (!error) return;
    socket.destroy();
    connection.destroy();
  }
});
server.on('error', end);
server.listen(3128, '127.0.0.1', () => {
  process.stdout.write(encodeFrame(kinds.hello, 0, Buffer.of(protocolVersion)));
});

// It ends with its input, however that ends: nobody is left to forward to.
for (const event of ['end', 'close', 'error']) process.stdin.on(event, end);
process.stdout.on('error', end);
process.stdin.on('data', (chunk: Buffer) => {
  try {
    multiplexer.receive(chunk);
  } catch {
    end(); // The host would not say such a thing: the stream is not what it was.
  }
});

function end(): void {
  process.exit(0);
}
