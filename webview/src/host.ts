import type { HostMessage, PanelMessage, PanelState } from '../../extension/src/protocol/panel.ts';
import { connect, hasKept } from './connection.ts';
import type { Connection } from './connection.ts';

export type Host = Connection<PanelMessage, PanelState>;

const hostMessages = [
  'run',
  'steps',
  'sub-run',
  'step',
  'events',
  'select',
  'unavailable',
  'payload',
  'action-done',
] as const satisfies readonly HostMessage['type'][];

export function connectHost(onMessage: (message: HostMessage) => void): Host {
  return connect({
    types: hostMessages,
    isState: (state): state is PanelState => hasKept(state, 'run'),
    onMessage,
  });
}
