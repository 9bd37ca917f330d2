import * as z from 'zod';
import type { GatewayClient } from './session.ts';

const info = z.object({ name: z.string().max(200), version: z.string().max(200) });
const ENVELOPE = 'io.modelcontextprotocol/clientInfo';

const initialize = z.object({ method: z.literal('initialize'), params: z.object({ clientInfo: info }) });
const enveloped = z.object({ params: z.object({ _meta: z.object({ [ENVELOPE]: info }) }) });
const listening = z.object({
  method: z.literal('subscriptions/listen'),
  params: z.object({
    notifications: z.object({ resourceSubscriptions: z.array(z.string()).default([]) }),
  }),
});

export const UNNAMED: GatewayClient = { name: 'unnamed', version: '0' };

/** Who sends a first message of the older revisions. */
export function initializingClient(message: unknown): GatewayClient | undefined {
  const parsed = initialize.safeParse(message);
  return parsed.success ? parsed.data.params.clientInfo : undefined;
}

/** Who sends a message of the newest revision, where it says so. */
export function envelopeClient(message: unknown): GatewayClient | undefined {
  const parsed = enveloped.safeParse(message);
  return parsed.success ? parsed.data.params._meta[ENVELOPE] : undefined;
}

/** The resources that a stream for notifications is opened for; undefined for any other message. */
export function listenedResources(message: unknown): readonly string[] | undefined {
  const parsed = listening.safeParse(message);
  return parsed.success ? parsed.data.params.notifications.resourceSubscriptions : undefined;
}
