import type { PanelMessage, PayloadResult, PayloadTarget } from '../../extension/src/protocol/panel.ts';
import type { RunId } from '../../extension/src/protocol/run-event.ts';

/** How many answers are kept: enough for going back and forth, few enough for large ones. */
const KEPT = 12;

export interface Payloads {
  /** The payload, or undefined while it is on its way. `version` changes when the step's payload may have. */
  get(run: RunId, target: PayloadTarget, version: string): PayloadResult | undefined;
  receive(request: number, result: PayloadResult): void;
  forget(): void;
}

export function createPayloads(post: (message: PanelMessage) => void, onArrival: () => void): Payloads {
  const requests = new Map<string, { readonly request: number; result: PayloadResult | undefined }>();
  let next = 1;
  return {
    get: (run, target, version) => {
      const key = `${run} ${target.step ?? ''} ${target.part} ${version}`;
      let entry = requests.get(key);
      if (entry) return entry.result;
      entry = { request: next++, result: undefined };
      requests.set(key, entry);
      for (const old of requests.keys()) {
        if (requests.size <= KEPT) break;
        requests.delete(old);
      }
      post({ type: 'payload', run, request: entry.request, target });
      return undefined;
    },
    receive: (request, result) => {
      for (const entry of requests.values()) {
        if (entry.request === request) entry.result = result;
      }
      onArrival();
    },
    forget: () => {
      requests.clear();
    },
  };
}
