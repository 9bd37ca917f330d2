export { createExporter } from './exporter.ts';
export type { Exporter, ExporterPorts } from './exporter.ts';
export { openOutbox } from './outbox.ts';
export type { Outbox } from './outbox.ts';
