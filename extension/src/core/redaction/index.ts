export { createSecretFilter } from './secret-filter.ts';
export type { SecretFilter } from './secret-filter.ts';
export { knowEnvironment } from './environment.ts';
