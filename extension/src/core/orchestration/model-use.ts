import type { ModelUse } from '../../protocol/run-event.ts';
import type { RoutedReply } from '../models/provider.ts';

/** What is recorded of a model's reply beside its message. */
export function modelUse({ provider, model, usage, cost, firstTokenMs }: RoutedReply): ModelUse {
  return { provider, model, usage, cost, ...(firstTokenMs === undefined ? {} : { firstTokenMs }) };
}
