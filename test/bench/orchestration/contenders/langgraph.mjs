import { measured } from '../measured.ts';
import { runGraph } from './langgraph-loop.mjs';

await measured((loop) => ({ run: () => runGraph(loop, undefined) }));
