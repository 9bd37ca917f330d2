import type { Disposable } from '../../base/disposable.ts';
import type { IndexState, Memory } from '../../core/memory/index.ts';

export interface StateWatch extends Disposable {
  /** Asks now, though nothing has changed. */
  ask(): void;
}

/** Asks for the state whenever something has changed, one question at a time: changes come faster than they need be looked at. */
export function watchState(
  memory: Pick<Memory, 'state' | 'onDidChange'>,
  onState: (state: IndexState) => void,
  onFailure: (error: unknown) => void,
): StateWatch {
  let isOver = false;
  let asking = false;
  let again = false;
  const look = async (): Promise<void> => {
    const state = await memory.state();
    if (!isOver) onState(state);
  };
  const ask = (): void => {
    again = asking;
    if (asking || isOver) return;
    asking = true;
    look()
      .catch((error: unknown) => {
        if (!isOver) onFailure(error);
      })
      .finally(() => {
        asking = false;
        if (again) ask();
      });
  };
  const subscription = memory.onDidChange(ask);
  return {
    ask,
    dispose: () => {
      isOver = true;
      subscription.dispose();
    },
  };
}
