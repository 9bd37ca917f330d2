import { Document, isScalar, Scalar, visit } from 'yaml';
import type { Json } from '../../../base/json.ts';

/** Up to so many characters of JSON stand on one line. */
const ON_ONE_LINE = 70;

/** Nodes above an event: each of them stands on lines of its own, so that a change of one is a change of few lines. */
const EVENT_DEPTH = 7;

/** YAML that reads back as the same value to the last character, whatever editor it goes through. */
export function yamlText(value: Json, comment: string): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  document.commentBefore = comment;
  visit(document, {
    Collection: (key, node, path) => {
      if (path.length > EVENT_DEPTH && (key === 'value' || typeof key === 'number'))
        node.flow = isShort(node.toJSON() as Json);
      return node.flow ? visit.SKIP : undefined;
    },
    Scalar: (_key, node) => {
      if (isScalar(node) && typeof node.value === 'string') node.type = styleOf(node.value);
    },
  });
  // What is not printable stands in double quotes by now, so an escape means the character.
  return document
    .toString({
      lineWidth: 0,
      flowCollectionPadding: true,
      doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
    })
    .replace(UNSEEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function styleOf(text: string): Scalar.Type {
  if (!PRINTABLE.test(text)) return Scalar.QUOTE_DOUBLE;
  if (!text.includes('\n')) return Scalar.PLAIN;
  // Editors take spaces away from the ends of lines.
  return /[ \t](\n|$)/.test(text) ? Scalar.QUOTE_DOUBLE : Scalar.BLOCK_LITERAL;
}

/** What may stand in a block: no control characters, halves of surrogate pairs, or marks that some readers take for line ends. */
const PRINTABLE =
  /^[\t\n\u0020-\u007e\u00a0-\u2027\u202f-\u2065\u2070-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]*$/u;

/** Of those the ones that JSON does not escape; a reviewer is to see that they are there. */
const UNSEEN = /[\u007f-\u009f\u2028-\u202e\u2066-\u206f\ufeff\ufffe\uffff]/g;

function isShort(value: Json): boolean {
  const text = JSON.stringify(value);
  return text.length <= ON_ONE_LINE && PRINTABLE.test(text) && !text.includes('\\n');
}
