import * as z from 'zod';

/** The arguments of the requests that the debugger answers, as far as it reads them. */

const id = z.number().int();
const lineNumber = z.number().int().min(0);
const source = z.object({ path: z.string().optional() });

export const nothing = z.unknown();
export const launch = z.object({ run: z.string().default('last'), stopOnEntry: z.boolean().default(true) });
export const restart = z.object({ arguments: launch.optional() });
export const setBreakpoints = z.object({
  source,
  breakpoints: z
    .array(
      z.object({
        line: lineNumber,
        condition: z.string().optional(),
        logMessage: z.string().optional(),
      }),
    )
    .default([]),
});
export const setFunctionBreakpoints = z.object({
  breakpoints: z.array(z.object({ name: z.string(), condition: z.string().optional() })),
});
export const setExceptionBreakpoints = z.object({ filters: z.array(z.string()) });
export const breakpointLocations = z.object({
  source,
  line: lineNumber,
  endLine: lineNumber.optional(),
});
export const stackTrace = z.object({
  startFrame: z.number().int().min(0).default(0),
  /** 0 means all. */
  levels: z.number().int().min(0).default(0),
});
export const ofFrame = z.object({ frameId: id });
export const stepIn = z.object({ targetId: id.optional() });
export const variables = z.object({
  variablesReference: id,
  filter: z.enum(['indexed', 'named']).optional(),
  start: z.number().int().min(0).optional(),
  count: z.number().int().min(0).optional(),
});
export const evaluate = z.object({
  expression: z.string(),
  frameId: id.optional(),
  context: z.string().optional(),
});
export const completions = z.object({
  text: z.string(),
  column: z.number().int(),
  frameId: id.optional(),
});
export const gotoTargets = z.object({ source, line: lineNumber });
export const goTo = z.object({ targetId: id });
