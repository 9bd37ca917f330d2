import * as z from 'zod';
import { runTooNew } from './errors.ts';
import { isKnownEvent } from './known-event.ts';
import { RUN_EVENT_VERSION } from './run-event.ts';
import type { RunEvent } from './run-event.ts';
import { runEventSchema } from './run-event-schema.ts';
import { runEventV1Schema } from './run-event-v1.ts';
import type { RunEventV1 } from './run-event-v1.ts';
import { runEventV2Schema } from './run-event-v2.ts';
import type { RunEventV2 } from './run-event-v2.ts';
import { runEventV3Schema } from './run-event-v3.ts';
import type { RunEventV3 } from './run-event-v3.ts';

const versioned = z.object({ v: z.number().int().positive() });

/**
 * An event of any version that was ever written, as it would be written today. Throws `run-too-new` for one of a newer Strata,
 * and a ZodError for what is no event at all.
 */
export function readRunEvent(raw: unknown): RunEvent {
  if (isKnownEvent(raw)) return raw;
  const { v } = versioned.parse(raw);
  if (v > RUN_EVENT_VERSION) throw runTooNew(v);
  if (v === 1) return fromV1(runEventV1Schema.parse(raw));
  if (v === 2) return fromV2(runEventV2Schema.parse(raw));
  if (v === 3) return fromV3(runEventV3Schema.parse(raw));
  return runEventSchema.parse(raw);
}

/** In version 1 only people started runs. */
function fromV1(event: RunEventV1): RunEvent {
  const v = RUN_EVENT_VERSION;
  return event.type === 'run.started' ? { ...event, v, origin: { kind: 'user' } } : { ...event, v };
}

/** Version 3 added what is known of a tool call, which nothing of before says. */
function fromV2(event: RunEventV2): RunEvent {
  return { ...event, v: RUN_EVENT_VERSION };
}

/** Version 4 added what people say of a run. */
function fromV3(event: RunEventV3): RunEvent {
  return { ...event, v: RUN_EVENT_VERSION };
}
