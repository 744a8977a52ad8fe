import tseslint from 'typescript-eslint';
import globals from 'globals';

/** Where real time, chance and network may be touched: the Runtime itself, the shells, and what runs from outside. */
const shells = [
  'app/**',
  'runtime/**',
  'emulators/common/shell/**',
  'queue/**',
  'store/postgres/**',
  'tests/**',
  'bench/**',
  '**/*.test.ts',
];

const reason = 'time, chance, ids and network come through the Runtime (runtime/runtime.ts)';

export default tseslint.config(
  { ignores: ['dist/**', 'data/**', 'node_modules/**', 'coverage/**'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strict],
    languageOptions: {
      globals: globals.node,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-invalid-void-type': 'off',
      'no-empty': ['error', { allowEmptyCatch: false }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
    },
  },
  {
    files: ['**/*.ts'],
    ignores: shells,
    rules: {
      'no-restricted-globals': [
        'error',
        ...['setTimeout', 'setInterval', 'setImmediate', 'fetch', 'performance'].map((name) => ({
          name,
          message: reason,
        })),
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: reason },
        { object: 'Math', property: 'random', message: reason },
        { property: 'randomUUID', message: reason },
        { object: 'crypto', property: 'getRandomValues', message: reason },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: reason },
        { selector: "CallExpression[callee.name='Date']", message: reason },
      ],
    },
  },
  {
    files: ['connectors/**/*.ts', 'sync/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: ['axios', 'p-retry', 'node:http', 'node:https', 'node:timers', 'node:timers/promises'].map(
            (name) => ({ name, message: reason }),
          ),
        },
      ],
    },
  },
  { files: ['app/**', 'tests/**', 'bench/**'], rules: { 'no-console': 'off' } },
  { files: ['scripts/**', '*.js', '*.mjs'], languageOptions: { globals: globals.node } },
);
