import * as z from 'zod';
import { embedderConfig } from '../../../core/memory/embedding/index.ts';
import { callShape } from '../call-shape.ts';

/** The key comes with it, and stays in the memory process. */
export const useEmbedderCall = callShape(
  'useEmbedder',
  z.object({ config: embedderConfig.optional() }),
  z.null(),
);

/** Embeds one text, so that a person hears at once whether it works; a model that is not there yet is downloaded. */
export const tryEmbedderCall = callShape(
  'tryEmbedder',
  z.object({ config: embedderConfig }),
  z.object({ dimension: z.number(), ms: z.number() }),
);
