import * as z from 'zod';
import { callShape } from './call-shape.ts';

/** Whether the process may end until the next call: it is at nothing, and nothing waits that only it knows of. */
export const restCall = callShape('rest', z.object({}), z.object({ ready: z.boolean() }));
