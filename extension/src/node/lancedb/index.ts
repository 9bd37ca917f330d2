export type { MemoryLimits } from './limits.ts';
export { openMemory, type MemoryOptions } from './open-memory.ts';
