export { openMemory, type MemoryLimits, type MemoryOptions } from './open-memory.ts';
