import * as z from 'zod';
import { CALL_DECISIONS, PANEL_ACTIONS, PANEL_SIDES, PANEL_TABS } from './panel.ts';
import type { PanelMessage, PanelState } from './panel.ts';

/** That of a sub-run grows with its depth. */
const run = z.string().min(1).max(2000);
const step = z
  .string()
  .max(2000)
  .regex(/^\d+(\.\d+)*$/);
const key = z
  .string()
  .max(4100)
  .regex(/^([^/]+\/)?\d+(\.\d+)*$/);
const target = z.object({ step: step.exactOptional(), part: z.enum(['input', 'output']) });

/** Everything that the webview may send. */
export const panelMessageSchema: z.ZodType<PanelMessage> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), run: run.optional() }),
  z.object({ type: z.literal('sub-run'), run, after: z.number().int().nonnegative().exactOptional() }),
  z.object({ type: z.literal('step'), run, step }),
  z.object({ type: z.literal('payload'), run, request: z.number().int().nonnegative(), target }),
  z.object({ type: z.literal('open-payload'), run, target }),
  z.object({
    type: z.literal('open-diff'),
    run,
    step: step.exactOptional(),
    path: z.string().min(1).max(4096),
  }),
  z.object({ type: z.literal('copy'), text: z.string() }),
  z.object({ type: z.literal('action'), run, action: z.enum(PANEL_ACTIONS) }),
  z.object({ type: z.literal('steer'), run, text: z.string().trim().min(1).max(100_000) }),
  z.object({ type: z.literal('fork'), run, step }),
  z.object({ type: z.literal('decide'), run, step, decision: z.enum(CALL_DECISIONS) }),
  z.object({ type: z.literal('open-run'), run, step: step.exactOptional() }),
]);

/** What a panel kept before the window was reloaded, perhaps by another version of the extension. */
export const panelStateSchema: z.ZodType<PanelState> = z.object({
  v: z.literal(1),
  run,
  selected: key.optional(),
  tab: z.enum(PANEL_TABS).optional(),
  scrollTop: z.number().nonnegative().optional(),
  collapsed: z
    .array(z.union([z.literal(''), key]))
    .max(100_000)
    .optional(),
  opened: z.array(key).max(100_000).optional(),
  side: z.enum(PANEL_SIDES).optional(),
  filter: z.object({ text: z.string(), kind: z.string(), errorsOnly: z.boolean() }).optional(),
  at: z.number().optional(),
});
