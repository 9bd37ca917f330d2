import type { SecretFilter } from './secret-filter.ts';

/** Names that say that the value is a secret. */
const SECRET_NAME =
  /(?:^|_)(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?)$|^STRATA_KEY_(?!.*_URL$)/i;

/** A file's place is no secret, as in GOOGLE_APPLICATION_CREDENTIALS. */
const PATH = /^(?:\/|~|\.{1,2}\/|[A-Za-z]:\\)/;

/** Values of the environment that are secrets by their names: a tool or an error that prints the environment prints them. */
export function knowEnvironment(
  filter: SecretFilter,
  env: Readonly<Record<string, string | undefined>>,
): void {
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && SECRET_NAME.test(name) && !PATH.test(value)) filter.know(name, value);
  }
}
