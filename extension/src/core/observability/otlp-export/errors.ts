import { StrataError } from '../../../base/errors.ts';

export function destinationMistake(problem: string): StrataError {
  return new StrataError(
    'export-setting',
    `The setting strata.observability.export has a mistake: ${problem}.`,
    'Correct it in the user settings.',
  );
}

export function environmentMistake(problem: string): StrataError {
  return new StrataError(
    'export-environment',
    `Runs are not exported: ${problem}.`,
    'Correct the variables OTEL_EXPORTER_OTLP_…, or set OTEL_TRACES_EXPORTER=none to export nothing.',
  );
}

export function secretMissing(name: string, origin: string): StrataError {
  return new StrataError(
    'export-secret-missing',
    `Runs wait to be exported to ${origin}: the secret “${name}” is not set.`,
    `Set it with “Strata: Set API Key”, “Another server…”, under the name ${name} for ${origin}.`,
  );
}
