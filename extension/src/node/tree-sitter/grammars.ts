import { byChild, byDeclarator, byField, byPrototype, shortName, type Naming } from './naming.ts';
import { byBinding, byProperty, byStatement } from './script-naming.ts';

/** What to look for in the trees of one language. */
export interface Grammar {
  /** Name of the file with the compiled grammar, without its ending. */
  readonly file: string;
  readonly definitions: ReadonlyMap<string, Naming>;
  /** Definitions whose members are definitions of their own. */
  readonly containers: ReadonlySet<string>;
  /** Nodes around a definition that belong to it: decorators, `export`, `template <…>`. */
  readonly wrappers: ReadonlySet<string>;
  /** Nodes that only group what is in them. */
  readonly groups: ReadonlySet<string>;
}

/** By the ending of the file's name. Where none is named, code is cut by line shapes. */
export function grammarOf(path: string): Grammar | undefined {
  return BY_EXTENSION.get(path.slice(path.lastIndexOf('.') + 1).toLowerCase());
}

const name = byField('name');

function grammar(
  file: string,
  named: Readonly<Record<string, Naming | string>>,
  others: { readonly containers?: string; readonly wrappers?: string; readonly groups?: string } = {},
): Grammar {
  const definitions = Object.entries(named).flatMap(([key, naming]) =>
    typeof naming === 'string'
      ? naming.split(' ').map((type) => [type, name] as const)
      : key.split(' ').map((type) => [type, naming] as const),
  );
  const set = (types: string | undefined): ReadonlySet<string> =>
    new Set(types === undefined ? [] : types.split(' '));
  return {
    file,
    definitions: new Map(definitions),
    containers: set(others.containers),
    wrappers: set(others.wrappers),
    groups: set(others.groups),
  };
}

const SCRIPT = {
  byName:
    'function_declaration generator_function_declaration function_signature class_declaration abstract_class_declaration interface_declaration type_alias_declaration enum_declaration internal_module module method_definition method_signature abstract_method_signature',
  'lexical_declaration variable_declaration': byBinding,
  expression_statement: byStatement,
  'public_field_definition field_definition pair': byProperty,
};
const SCRIPT_PARTS = {
  containers: 'class_declaration abstract_class_declaration internal_module module',
  wrappers: 'export_statement ambient_declaration',
  groups: 'class_body statement_block object class',
};

const C = {
  'function_definition type_definition': byDeclarator,
  'declaration field_declaration': byPrototype,
  byName: 'struct_specifier enum_specifier union_specifier preproc_function_def',
};
const C_GROUPS =
  'preproc_if preproc_ifdef preproc_else preproc_elif linkage_specification declaration_list field_declaration_list';

const GRAMMARS: readonly (readonly [extensions: string, grammar: Grammar])[] = [
  ['ts mts cts', grammar('tree-sitter-typescript', SCRIPT, SCRIPT_PARTS)],
  ['tsx', grammar('tree-sitter-tsx', SCRIPT, SCRIPT_PARTS)],
  ['js jsx mjs cjs', grammar('tree-sitter-javascript', SCRIPT, SCRIPT_PARTS)],
  [
    'py pyi',
    grammar(
      'tree-sitter-python',
      { byName: 'function_definition class_definition' },
      { containers: 'class_definition', wrappers: 'decorated_definition', groups: 'block' },
    ),
  ],
  [
    'go',
    grammar('tree-sitter-go', {
      byName: 'function_declaration',
      method_declaration: (node) => {
        const receiver = /([A-Za-z_]\w*)(?:\[[^\]]*\])?\s*\)$/u.exec(
          node.childForFieldName('receiver')?.text ?? '',
        );
        return [receiver?.[1], name(node)].filter((part) => part !== undefined).join('.');
      },
      'type_declaration const_declaration var_declaration': (node) => {
        const [first] = node.namedChildren.filter(({ type }) => /_spec$|_alias$/u.test(type));
        return first === undefined ? undefined : name(first);
      },
    }),
  ],
  [
    'rs',
    grammar(
      'tree-sitter-rust',
      {
        byName:
          'function_item function_signature_item struct_item enum_item union_item trait_item mod_item macro_definition const_item static_item type_item',
        impl_item: byField('type'),
      },
      { containers: 'trait_item mod_item impl_item', groups: 'declaration_list' },
    ),
  ],
  [
    'java',
    grammar(
      'tree-sitter-java',
      {
        byName:
          'class_declaration interface_declaration enum_declaration record_declaration annotation_type_declaration method_declaration constructor_declaration compact_constructor_declaration',
      },
      {
        containers: 'class_declaration interface_declaration enum_declaration record_declaration',
        groups: 'class_body interface_body enum_body enum_body_declarations',
      },
    ),
  ],
  [
    'cs',
    grammar(
      'tree-sitter-c-sharp',
      {
        byName:
          'class_declaration struct_declaration interface_declaration record_declaration enum_declaration delegate_declaration namespace_declaration method_declaration constructor_declaration destructor_declaration property_declaration local_function_statement',
        operator_declaration: byField('operator'),
        indexer_declaration: () => 'this',
      },
      {
        containers:
          'class_declaration struct_declaration interface_declaration record_declaration namespace_declaration',
        groups:
          'declaration_list file_scoped_namespace_declaration global_statement preproc_if preproc_region',
      },
    ),
  ],
  ['c', grammar('tree-sitter-c', C, { groups: C_GROUPS })],
  [
    'h cc cpp cxx hh hpp hxx ino',
    grammar(
      'tree-sitter-cpp',
      { ...C, byClass: 'class_specifier concept_definition namespace_definition alias_declaration' },
      {
        containers: 'class_specifier struct_specifier namespace_definition',
        wrappers: 'template_declaration',
        groups: C_GROUPS,
      },
    ),
  ],
  [
    'php',
    grammar(
      'tree-sitter-php',
      {
        byName:
          'class_declaration interface_declaration trait_declaration enum_declaration function_definition method_declaration',
      },
      {
        containers: 'class_declaration interface_declaration trait_declaration enum_declaration',
        groups: 'namespace_definition compound_statement declaration_list enum_declaration_list',
      },
    ),
  ],
  [
    'rb rake',
    grammar(
      'tree-sitter-ruby',
      { byName: 'class module method singleton_method' },
      { containers: 'class module', groups: 'body_statement singleton_class' },
    ),
  ],
  ['sh bash zsh', grammar('tree-sitter-bash', { byName: 'function_definition' })],
  [
    'ps1 psm1',
    grammar(
      'tree-sitter-powershell',
      {
        function_statement: byChild('function_name'),
        class_statement: byChild('simple_name'),
      },
      { groups: 'statement_list' },
    ),
  ],
  [
    'lua',
    grammar('tree-sitter-lua', {
      byName: 'function_declaration',
      'assignment_statement variable_declaration': (node) => {
        const written = /^(?:local\s+)?([\w.:]{1,120})\s*=\s*function\b/u.exec(node.text.slice(0, 300));
        return written?.[1];
      },
    }),
  ],
  [
    'css',
    grammar(
      'tree-sitter-css',
      {
        rule_set: byChild('selectors'),
        keyframes_statement: byChild('keyframes_name'),
        'media_statement supports_statement at_rule': (node) => shortName(node.text.split('{', 1)[0]),
      },
      { containers: 'media_statement supports_statement at_rule', groups: 'block' },
    ),
  ],
];

const BY_EXTENSION = new Map(
  GRAMMARS.flatMap(([extensions, one]) =>
    extensions.split(' ').map((extension) => [extension, one] as const),
  ),
);

/** All files that are needed, the parser's own among them. */
export const GRAMMAR_NAMES: readonly string[] = [
  'web-tree-sitter',
  ...new Set(GRAMMARS.map(([, { file }]) => file)),
];
