interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

export interface Connection<Out, State> {
  post(message: Out): void;
  state(): State | undefined;
  keep(state: State): void;
}

interface Protocol<In extends { readonly type: string }, State> {
  readonly types: readonly In['type'][];
  readonly isState: (state: unknown) => state is State;
  readonly onMessage: (message: In) => void;
}

/** What a page says to its host and hears from it, and what it keeps while it is hidden. May be called once. */
export function connect<In extends { readonly type: string }, Out, State>({
  types,
  isState,
  onMessage,
}: Protocol<In, State>): Connection<Out, State> {
  const api = acquireVsCodeApi();
  const names: readonly string[] = types;
  /** VS Code's own frame posts messages here too. Ours come from the same build, so their type is enough. */
  const isOurs = (data: unknown): data is In =>
    typeof data === 'object' &&
    data !== null &&
    'type' in data &&
    typeof data.type === 'string' &&
    names.includes(data.type);
  window.addEventListener('message', (event: MessageEvent<unknown>) => {
    if (isOurs(event.data)) onMessage(event.data);
  });
  return {
    post: (message) => {
      api.postMessage(message);
    },
    state: () => {
      const state = api.getState();
      return isState(state) ? state : undefined;
    },
    keep: (state) => {
      api.setState(state);
    },
  };
}

/** Whether what was kept is of this version and has the member that all else hangs on, as a text. */
export function hasKept(state: unknown, member: string): boolean {
  return (
    typeof state === 'object' &&
    state !== null &&
    'v' in state &&
    state.v === 1 &&
    member in state &&
    typeof Object.entries(state).find(([name]) => name === member)?.[1] === 'string'
  );
}
