/** Notices when nothing was asked for a while. */
export interface IdleWatch {
  /** Work that is not idle, until it has settled. */
  during<T>(work: () => Promise<T>): Promise<T>;
  readonly isBusy: boolean;
  /** Waits once more from now on. */
  again(): void;
  dispose(): void;
}

export function idleWatch(idleMs: number, onIdle: () => void): IdleWatch {
  let busy = 0;
  let disposed = false;
  let timer: NodeJS.Timeout | undefined;

  function again(): void {
    clearTimeout(timer);
    if (disposed || busy > 0) return;
    timer = setTimeout(onIdle, idleMs);
    // It keeps no program alive.
    timer.unref();
  }

  return {
    during: async (work) => {
      busy++;
      clearTimeout(timer);
      try {
        return await work();
      } finally {
        busy--;
        again();
      }
    },
    get isBusy() {
      return busy > 0;
    },
    again,
    dispose: () => {
      disposed = true;
      clearTimeout(timer);
    },
  };
}
