import type { HostMessage, PanelMessage, PanelState } from '../../extension/src/protocol/panel.ts';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

export interface Host {
  post(message: PanelMessage): void;
  state(): PanelState | undefined;
  keep(state: PanelState): void;
}

export function connectHost(onMessage: (message: HostMessage) => void): Host {
  const api = acquireVsCodeApi();
  window.addEventListener('message', (event: MessageEvent<unknown>) => {
    if (isHostMessage(event.data)) onMessage(event.data);
  });
  return {
    post: (message) => {
      api.postMessage(message);
    },
    state: () => {
      const state = api.getState();
      return isPanelState(state) ? state : undefined;
    },
    keep: (state) => {
      api.setState(state);
    },
  };
}

const hostMessages: readonly string[] = [
  'run',
  'steps',
  'step',
  'events',
  'select',
  'unavailable',
  'payload',
  'action-done',
] satisfies readonly HostMessage['type'][];

/** VS Code's own frame posts messages here too. Ours come from the same build, so their type is enough. */
function isHostMessage(data: unknown): data is HostMessage {
  return (
    typeof data === 'object' &&
    data !== null &&
    'type' in data &&
    typeof data.type === 'string' &&
    hostMessages.includes(data.type)
  );
}

function isPanelState(state: unknown): state is PanelState {
  return (
    typeof state === 'object' &&
    state !== null &&
    'v' in state &&
    state.v === 1 &&
    'run' in state &&
    typeof state.run === 'string'
  );
}
