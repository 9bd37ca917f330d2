import { inspect } from 'node:util';
import type { KernelFrame } from '../frames.ts';

const maxRows = 100;
const maxColumns = 30;
const maxCell = 200;
const maxText = 64 * 1024;

/** How a value is shown: an image, a table, or text. */
export function displayed(value: unknown): KernelFrame {
  return imageOf(value) ?? { type: 'text', text: cut(tableOf(value) ?? inspect(value, { depth: 4 })) };
}

function imageOf(value: unknown): KernelFrame | undefined {
  if (!isRecord(value)) return undefined;
  const { mimeType, data } = value;
  if (typeof mimeType !== 'string' || !mimeType.startsWith('image/')) return undefined;
  if (typeof data === 'string') return { type: 'image', mimeType, data };
  if (data instanceof Uint8Array)
    return { type: 'image', mimeType, data: Buffer.from(data).toString('base64') };
  return undefined;
}

/** A Markdown table for an array of plain objects. */
function tableOf(value: unknown): string | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const rows: unknown[] = value.slice(0, maxRows);
  if (!rows.every(isRecord)) return undefined;
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  if (columns.length === 0) return undefined;
  const shown = columns.slice(0, maxColumns);
  const lines = [
    lineOf(shown),
    lineOf(shown.map(() => '---')),
    ...rows.map((row) => lineOf(shown.map((column) => cellOf(row[column])))),
  ];
  if (value.length > rows.length)
    lines.push('', `[${value.length} rows; the first ${rows.length} are shown.]`);
  if (columns.length > shown.length)
    lines.push('', `[${columns.length} columns; the first ${shown.length} are shown.]`);
  return lines.join('\n');
}

function cellOf(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : inspect(value, { depth: 1, breakLength: Infinity });
}

function lineOf(cells: readonly string[]): string {
  const texts = cells.map((cell) => cell.split(/\s+/).join(' ').slice(0, maxCell).replaceAll('|', '\\|'));
  return `| ${texts.join(' | ')} |`;
}

/** A plain object: values of classes say more about themselves than their fields do. */
function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function cut(text: string): string {
  return text.length <= maxText
    ? text
    : `${text.slice(0, maxText)}\n[… ${text.length - maxText} characters left out …]`;
}
