import { builtinModules } from 'node:module';
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

const nodeBuiltins = builtinModules
  .filter((name) => !name.startsWith('_'))
  .flatMap((name) => [name, `node:${name}`]);

/** Bans Node's builtins, which the Nx rule does not look at, and whatever else a layer must not reach. */
const banNode = (message, extra = []) => ({
  '@typescript-eslint/no-restricted-imports': [
    'error',
    { paths: [...nodeBuiltins.map((name) => ({ name, message })), ...extra] },
  ],
});

const only = (sourceTag, tags, npm) => ({
  sourceTag,
  onlyDependOnLibsWithTags: tags,
  ...(npm && { allowedExternalImports: npm }),
});

const layers = [
  only('layer:contracts', ['layer:contracts'], ['zod']),
  only('layer:planning', ['layer:contracts'], []),
  only(
    'layer:workflows',
    ['layer:contracts', 'layer:planning'],
    ['@temporalio/workflow', '@temporalio/common'],
  ),
  only('layer:ml', ['layer:ml'], ['@tensorflow/tfjs-core', 'ml-matrix']),
  only('ml:base', ['ml:base']),
  only('ml:model', ['ml:base', 'ml:model']),
  only('ml:method', ['ml:base', 'ml:model', 'ml:method']),
  only('layer:backend', ['ml:base']),
  only('layer:adapter', ['layer:contracts', 'layer:adapter']),
  only('layer:stages', ['layer:contracts', 'layer:planning', 'layer:ml', 'layer:backend', 'layer:adapter']),
  only('layer:worker', ['layer:contracts', 'layer:workflows', 'layer:stages', 'layer:adapter']),
  only('layer:api', ['layer:contracts', 'layer:planning', 'layer:adapter']),
  only('layer:cli', ['layer:contracts', 'layer:planning', 'layer:adapter']),
  // Runs in a browser: of the contracts it takes types, and the API checks what it sends.
  only('layer:web', ['layer:contracts']),
  only('layer:e2e', ['layer:contracts', 'layer:adapter']),
  only('layer:infra', ['layer:contracts', 'layer:adapter', 'layer:e2e', 'layer:bench']),
  // Benchmarks compute in processes of their own, as stages do.
  only('layer:bench', [
    'layer:contracts',
    'layer:planning',
    'layer:ml',
    'layer:backend',
    'layer:adapter',
    'layer:e2e',
  ]),
];

/** Tests may use any package of the root's; the layers hold for them all the same. */
const layersOfSpecs = layers.map(({ sourceTag, onlyDependOnLibsWithTags }) => ({
  sourceTag,
  // The backend runs programs that it knows nothing of; its specs run the real ones.
  onlyDependOnLibsWithTags: sourceTag === 'layer:backend' ? ['layer:ml'] : onlyDependOnLibsWithTags,
}));

const specs = ['**/*.spec.ts', '**/*.e2e.ts', '**/*.conformance.ts', '**/testing/**'];

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/generated/**',
      '**/testdata/**',
      '**/node_modules/**',
      '.nx/**',
      '.vitrine/**',
    ],
  },
  {
    files: ['**/*.{ts,tsx}'],
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    plugins: { '@nx': nx, '@typescript-eslint': tseslint.plugin },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@nx/enforce-module-boundaries': ['error', { banTransitiveDependencies: true, depConstraints: layers }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/only-throw-error': 'error',
      'no-console': 'error',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportAllDeclaration', message: 'Re-export by name: a barrel says what is public.' },
      ],
    },
  },
  {
    files: specs,
    rules: { '@nx/enforce-module-boundaries': ['error', { depConstraints: layersOfSpecs }] },
  },
  {
    files: ['**/*.{ts,tsx}'],
    ignores: specs,
    rules: {
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      'max-lines': ['error', { max: 300 }],
      '@typescript-eslint/max-params': ['error', { max: 3 }],
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'env',
          message: 'Configuration is read in @vitrine/config and nowhere else.',
        },
      ],
    },
  },
  { files: ['vitest.config.ts', 'apps/web/vite.config.ts'], rules: { 'no-restricted-exports': 'off' } },
  // The types of queries are inferred: each carries its key and its answer.
  {
    files: ['apps/web/src/api/queries.ts'],
    rules: { '@typescript-eslint/explicit-module-boundary-types': 'off' },
  },
  // A list of names, one line each.
  { files: ['workflows/contracts/src/index.ts'], rules: { 'max-lines': 'off' } },
  // Configuration's own reader, and harnesses that hand their environment on to what they start.
  {
    files: ['activities/adapters/config/**/*.ts', 'apps/e2e/**/*.ts', 'infra/**/*.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: ['activities/ml/**/*.ts'],
    ignores: specs,
    rules: {
      'max-lines': ['error', { max: 200 }],
      ...banNode('The ML core computes on tensors: files and network belong to activities/adapters.'),
      'no-restricted-properties': [
        'error',
        ...['randomUniform', 'randomNormal', 'truncatedNormal', 'randomGamma', 'multinomial', 'dropout'].map(
          (property) => ({
            object: 'tf',
            property,
            message: 'Randomness is a function of (seed, purpose, step, index): use @vitrine/ml-tensor.',
          }),
        ),
        { object: 'Math', property: 'random', message: 'Randomness is a function: use @vitrine/ml-tensor.' },
        { object: 'Date', property: 'now', message: 'Time is injected.' },
      ],
    },
  },
  {
    files: ['apps/web/src/**/*.{ts,tsx}'],
    ignores: specs,
    rules: banNode('The page runs in a browser: ask the API.', [
      {
        name: '@vitrine/contracts',
        allowTypeImports: true,
        message: 'Import types here: zod stays out of the page, and the API checks what it is sent.',
      },
    ]),
  },
  {
    files: ['workflows/contracts/**/*.ts'],
    ignores: specs,
    rules: banNode('Contracts are read in the workflow sandbox: no I/O.'),
  },
  {
    files: ['workflows/planning/src/**/*.ts', 'workflows/pipelines/src/**/*.ts'],
    ignores: specs,
    rules: banNode('Workflow code is replayed: put I/O into an activity.', [
      {
        name: '@vitrine/contracts',
        allowTypeImports: true,
        message:
          'Import types here; run-time constants come from @vitrine/contracts/names (keeps zod out of the workflow bundle).',
      },
      {
        name: '@temporalio/workflow',
        importNames: ['executeChild'],
        message: 'Use runChild: a cancellation that meets a starting child is lost otherwise.',
      },
    ]),
  },
);
