export type { MemoryLimits } from './limits.ts';
export { openMemory, type MemoryOptions, type OpenedMemory } from './open-memory.ts';
