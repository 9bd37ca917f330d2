import type { Disposable } from '../base/disposable.ts';
import { EXIT } from './exit.ts';

/**
 * One Ctrl-C may arrive several times: the terminal sends it to every process in it, and npm and launchers pass it on
 * as well. Nobody presses it twice this fast.
 */
const SAME_INTERRUPT_MS = 300;

/** The first interrupt asks for an end in good order, the second one ends the process at once. */
export function onInterrupt(stop: () => void, beforeExit: () => void = () => undefined): Disposable {
  let first: number | undefined;
  const interrupt = (): void => {
    if (first === undefined) {
      first = performance.now();
      stop();
    } else if (performance.now() - first > SAME_INTERRUPT_MS) {
      beforeExit();
      process.exit(EXIT.stopped);
    }
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return {
    dispose: () => {
      process.removeListener('SIGINT', interrupt);
      process.removeListener('SIGTERM', interrupt);
    },
  };
}
