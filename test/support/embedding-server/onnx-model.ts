import { meaningVector } from './meanings.ts';

/**
 * A small model that really runs: ONNX weights, in which each word of the vocabulary has a vector, and the files that transformers.js
 * wants beside them. A text becomes the mean of its words, so what means the same lies close.
 */
export function onnxModel(words: readonly string[], dimension: number): ReadonlyMap<string, Buffer> {
  const vocabulary = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', ...words];
  // What is no word of it says next to nothing.
  const rows = vocabulary.map((word, at) =>
    meaningVector(word, dimension).map((value) => (at < 5 ? value / 100 : value)),
  );
  const json = (value: object): Buffer => Buffer.from(JSON.stringify(value));
  return new Map([
    ['config.json', json({ model_type: 'bert', architectures: ['BertModel'], hidden_size: dimension })],
    [
      'tokenizer_config.json',
      json({ tokenizer_class: 'BertTokenizer', model_max_length: 64, pad_token: '[PAD]' }),
    ],
    ['tokenizer.json', json(tokenizerOf(vocabulary))],
    ['onnx/model_quantized.onnx', modelOf(rows, dimension)],
  ]);
}

function tokenizerOf(vocabulary: readonly string[]): object {
  const special = vocabulary.slice(0, 5).map((content, id) => ({
    ...{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
  }));
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special,
    normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, lowercase: true },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: null,
    decoder: null,
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocabulary.map((word, id) => [word, id])),
    },
  };
}

/** `last_hidden_state = Gather(words, input_ids)`, in protobuf by hand. https://github.com/onnx/onnx/blob/main/onnx/onnx.proto */
function modelOf(rows: readonly (readonly number[])[], dimension: number): Buffer {
  const weights = Buffer.from(Float32Array.from(rows.flat()).buffer);
  const words = [
    number(1, rows.length),
    number(1, dimension),
    number(2, FLOAT),
    text(8, 'words'),
    bytes(9, weights),
  ];
  const gather = [text(1, 'words'), text(1, 'input_ids'), text(2, 'last_hidden_state'), text(4, 'Gather')];
  const graph = [
    message(1, gather),
    text(2, 'graph'),
    message(5, words),
    message(11, tensor('input_ids', INT64, ['batch', 'length'])),
    message(11, tensor('attention_mask', INT64, ['batch', 'length'])),
    message(12, tensor('last_hidden_state', FLOAT, ['batch', 'length', dimension])),
  ];
  const opset = message(8, [text(1, ''), number(2, 13)]);
  return Buffer.concat([number(1, 8), message(7, graph), opset]);
}

const [FLOAT, INT64] = [1, 7];

function tensor(name: string, type: number, shape: readonly (string | number)[]): Buffer[] {
  const sides = shape.map((side) => message(1, [typeof side === 'number' ? number(1, side) : text(2, side)]));
  return [text(1, name), message(2, [message(1, [number(1, type), message(2, sides)])])];
}

function number(field: number, value: number): Buffer {
  return Buffer.concat([varint(field << 3), varint(value)]);
}

function bytes(field: number, value: Buffer): Buffer {
  return Buffer.concat([varint((field << 3) | 2), varint(value.length), value]);
}

function text(field: number, value: string): Buffer {
  return bytes(field, Buffer.from(value));
}

function message(field: number, parts: readonly Buffer[]): Buffer {
  return bytes(field, Buffer.concat(parts));
}

function varint(value: number): Buffer {
  const out: number[] = [];
  let left = value;
  for (; left > 127; left = Math.floor(left / 128)) out.push((left % 128) | 128);
  out.push(left);
  return Buffer.from(out);
}
