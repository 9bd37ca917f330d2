import tseslint from 'typescript-eslint';

const noDefaultExport = {
  selector: 'ExportDefaultDeclaration',
  message: 'Export by name: a name is found by a search and stays the same everywhere.',
};
const noExportAll = {
  selector: 'ExportAllDeclaration',
  message: 'List what is exported: a public face is written, not collected.',
};
const ambient = (object, property) => ({
  object,
  property,
  message: 'core has no clock and no chance of its own: take it as an argument, so that a replay is exact.',
});

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'dist.*/',
      '.cache/',
      'node_modules/',
      '**/node_modules/',
      'test/fixtures/',
      'examples/',
    ],
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'no-empty': ['error', { allowEmptyCatch: false }],
      eqeqeq: 'error',
      'no-restricted-syntax': ['error', noDefaultExport, noExportAll],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // Numbers read well in a template, and turn into the same text as String() gives.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // `() => emitter.fire()` is a listener, not a mistake.
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidOperator: true },
      ],
      // Answering a call that has nothing to wait for is what many ports ask of an implementation.
      '@typescript-eslint/require-await': 'off',
      // The rest of the strict set that finds more false alarms here than mistakes.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-deprecated': 'off',
      '@typescript-eslint/no-misused-spread': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'all' },
      ],
    },
  },
  {
    files: ['extension/src/core/**/*.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        ambient('Date', 'now'),
        ambient('Math', 'random'),
        ambient('performance', 'now'),
        ambient('crypto', 'randomUUID'),
      ],
      'no-restricted-globals': ['error', 'setTimeout', 'setInterval', 'setImmediate', 'fetch', 'process'],
      'no-restricted-syntax': [
        'error',
        noDefaultExport,
        noExportAll,
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'core has no clock of its own: take the time as an argument.',
        },
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // test() and describe() return promises that the test runner itself waits for.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            {
              from: 'package',
              package: 'node:test',
              name: ['test', 'it', 'describe', 'suite', 'before', 'after'],
            },
          ],
        },
      ],
    },
  },
  {
    files: ['**/*.mjs', '**/*.js'],
    extends: [tseslint.configs.recommended],
    rules: {
      'no-empty': ['error', { allowEmptyCatch: false }],
      eqeqeq: 'error',
      'no-restricted-syntax': ['error', noDefaultExport, noExportAll],
    },
  },
  {
    // The tools that read these files ask for a default export.
    files: ['eslint.config.js', 'scripts/setup/test-events.mjs', '**/*.d.ts'],
    rules: { 'no-restricted-syntax': ['error', noExportAll] },
  },
);
