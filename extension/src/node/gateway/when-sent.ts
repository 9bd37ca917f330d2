/** The same response, with a word when the last of it was read, or nobody reads it any more. */
export function whenSent(response: Response, done: () => void): Response {
  const { body } = response;
  if (!body) {
    done();
    return response;
  }
  const reader: ReadableStreamDefaultReader<Uint8Array> = body.getReader();
  const watched = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      try {
        const piece = await reader.read();
        if (!piece.done) {
          controller.enqueue(piece.value);
          return;
        }
        done();
        controller.close();
      } catch (error) {
        done();
        controller.error(error);
      }
    },
    cancel: async (reason) => {
      done();
      await reader.cancel(reason);
    },
  });
  const { status, statusText, headers } = response;
  return new Response(watched, { status, statusText, headers });
}
