import { Session, type Runtime } from 'node:inspector';
import { inspect } from 'node:util';

export type Evaluation =
  { readonly kind: 'done'; readonly value: unknown } | { readonly kind: 'failed'; readonly error: string };

const handle = Symbol.for('strata.kernel.value');

/**
 * Evaluates code as a browser's console does: `await` works at the top level, `const` may be declared again, and the last
 * expression is the value. Node's own REPL rewrites code for that; the inspector's `replMode` needs nothing of the kind.
 */
export function openEvaluator(): (code: string, name: string) => Promise<Evaluation> {
  const session = new Session();
  session.connect();
  process.once('exit', () => session.disconnect()); // It would wait for the session.
  session.post('Runtime.enable');
  let context = 1;
  session.on('Runtime.executionContextCreated', ({ params }) => (context = params.context.id));
  const store: { value: unknown } = { value: undefined };
  Object.defineProperty(globalThis, handle, { value: store, enumerable: false });

  /** The value itself that the inspector speaks of. */
  const valueOf = (remote: Runtime.RemoteObject): unknown => {
    if (remote.objectId === undefined)
      return remote.unserializableValue === undefined ? remote.value : unserializable(remote);
    store.value = undefined;
    session.post('Runtime.callFunctionOn', {
      functionDeclaration: `function (value) { globalThis[Symbol.for('strata.kernel.value')].value = value; }`,
      arguments: [{ objectId: remote.objectId }],
      executionContextId: context,
      silent: true,
    });
    const { value } = store;
    store.value = undefined;
    return value;
  };

  return (code, name) =>
    new Promise((resolve) => {
      const options: Runtime.EvaluateParameterType & { readonly replMode: true } = {
        expression: `${code}\n//# sourceURL=${name}`,
        objectGroup: name,
        replMode: true,
        awaitPromise: true,
        silent: true,
      };
      session.post('Runtime.evaluate', options, (error, answer) => {
        if (error) resolve({ kind: 'failed', error: 'Interrupted.' });
        else if (answer.exceptionDetails)
          resolve({ kind: 'failed', error: explain(answer.exceptionDetails, valueOf, name) });
        else resolve({ kind: 'done', value: valueOf(answer.result) });
        session.post('Runtime.releaseObjectGroup', { objectGroup: name });
      });
    });
}

function unserializable({ unserializableValue = '' }: Runtime.RemoteObject): unknown {
  if (unserializableValue.endsWith('n')) return BigInt(unserializableValue.slice(0, -1));
  return Number(unserializableValue); // NaN, the infinities and -0.
}

function explain(
  { exception, text, lineNumber, columnNumber, stackTrace }: Runtime.ExceptionDetails,
  valueOf: (remote: Runtime.RemoteObject) => unknown,
  name: string,
): string {
  if (!exception) return text;
  const value = valueOf(exception);
  if (!(value instanceof Error)) return `Uncaught ${inspect(value)}`;
  const fromCell = value.stack?.includes(name) || stackTrace?.callFrames.some(({ url }) => url === name);
  if (value instanceof SyntaxError && !fromCell)
    return `SyntaxError: ${value.message} (line ${lineNumber + 1}, column ${columnNumber + 1})`;
  // Frames of the kernel and of Node are of no use to who wrote the cell.
  return inspect(value)
    .split('\n')
    .filter((line) => !/^\s+at .*(node:|server\.mjs|new Promise \(<anonymous>\))/.test(line))
    .join('\n');
}
