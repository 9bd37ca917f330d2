/** Something that takes a while to get, is asked for in many places, and is wanted once. */
export interface LoadedOnce<T> {
  /** Begins at the first call. When it fails, whoever has asked hears of it, and the next use tries again. */
  get(): Promise<T>;
  /** It, if it has been asked for; begins nothing. */
  known(): Promise<T> | undefined;
}

export function loadOnce<T>(load: () => Promise<T>): LoadedOnce<T> {
  let loading: Promise<T> | undefined;
  return {
    get: () => {
      loading ??= load().catch((error: unknown) => {
        loading = undefined;
        throw error;
      });
      return loading;
    },
    known: () => loading,
  };
}
