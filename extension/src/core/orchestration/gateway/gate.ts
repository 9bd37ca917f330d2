/** Lets work go side by side, or alone. Whoever came first goes first, so that nothing that must be alone waits for ever. */
export interface Gate {
  beside<T>(work: () => Promise<T>): Promise<T>;
  alone<T>(work: () => Promise<T>): Promise<T>;
}

export function createGate(): Gate {
  let lastAlone: Promise<unknown> = Promise.resolve();
  const besides = new Set<Promise<unknown>>();
  return {
    beside: (work) => {
      const result = lastAlone.then(work);
      const settled = result.then(ignore, ignore);
      besides.add(settled);
      void settled.then(() => besides.delete(settled));
      return result;
    },
    alone: (work) => {
      const result = Promise.all([lastAlone, ...besides]).then(work);
      lastAlone = result.then(ignore, ignore);
      return result;
    },
  };
}

function ignore(): void {}
