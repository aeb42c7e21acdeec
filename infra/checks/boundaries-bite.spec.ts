import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import { beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Typed rules need files that tsc knows; the boundaries do not, so planted text is linted without types. */
const untyped: ESLint.Options['overrideConfig'] = {
  languageOptions: { parserOptions: { projectService: false } },
  rules: {
    '@typescript-eslint/no-floating-promises': 'off',
    '@typescript-eslint/no-misused-promises': 'off',
    '@typescript-eslint/switch-exhaustiveness-check': 'off',
    '@typescript-eslint/only-throw-error': 'off',
  },
};

async function lint(filePath: string, code: string): Promise<string[]> {
  const eslint = new ESLint({ cwd: root, overrideConfig: untyped });
  const [result] = await eslint.lintText(`${code}\n`, { filePath: `${root}${filePath}` });
  return (result?.messages ?? []).map((message) => `${message.ruleId ?? 'parse'}: ${message.message}`);
}

const NX = '@nx/enforce-module-boundaries';
const RESTRICTED = '@typescript-eslint/no-restricted-imports';

const violations: readonly [title: string, file: string, code: string, rule: string][] = [
  [
    'a workflow imports types of stages',
    'workflows/pipelines/src/planted.ts',
    "import type { Stage } from '@vitrine/stages';\nexport type S = Stage;",
    NX,
  ],
  [
    'a workflow imports contracts at run time',
    'workflows/pipelines/src/planted.ts',
    "import { STAGES } from '@vitrine/contracts';\nexport const s = STAGES;",
    RESTRICTED,
  ],
  [
    'a workflow imports a Node builtin',
    'workflows/pipelines/src/planted.ts',
    "import { createHash } from 'node:crypto';\nexport const h = createHash;",
    RESTRICTED,
  ],
  [
    'a workflow starts a child that can miss its cancellation',
    'workflows/pipelines/src/planted.ts',
    "import { executeChild } from '@temporalio/workflow';\nexport const e = executeChild;",
    RESTRICTED,
  ],
  [
    'the page imports contracts at run time',
    'apps/web/src/planted.tsx',
    "import { STAGES } from '@vitrine/contracts';\nexport const s = STAGES;",
    RESTRICTED,
  ],
  [
    'the page imports an adapter',
    'apps/web/src/planted.tsx',
    "import { readConfig } from '@vitrine/config';\nexport const c = readConfig;",
    NX,
  ],
  [
    'planning imports Temporal',
    'workflows/planning/src/planted.ts',
    "import { sleep } from '@temporalio/workflow';\nexport const s = sleep;",
    NX,
  ],
  [
    'contracts import a Node builtin',
    'workflows/contracts/src/planted.ts',
    "import { readFileSync } from 'node:fs';\nexport const r = readFileSync;",
    RESTRICTED,
  ],
  ['ml imports zod', 'activities/ml/nn/src/planted.ts', "import { z } from 'zod';\nexport const s = z;", NX],
  [
    'ml imports contracts',
    'activities/ml/nn/src/planted.ts',
    "import type { VitSpec } from '@vitrine/contracts';\nexport type S = VitSpec;",
    NX,
  ],
  [
    'ml imports a Node builtin',
    'activities/ml/nn/src/planted.ts',
    "import { readFileSync } from 'fs';\nexport const r = readFileSync;",
    RESTRICTED,
  ],
  [
    'ml draws unseeded random numbers',
    'activities/ml/nn/src/planted.ts',
    'export const r: number = Math.random();',
    'no-restricted-properties',
  ],
  [
    'a base library imports a model library',
    'activities/ml/tensor/src/planted.ts',
    "import type { Vit } from '@vitrine/ml-nn';\nexport type V = Vit;",
    NX,
  ],
  [
    'a model library imports a method library',
    'activities/ml/nn/src/planted.ts',
    "import { pgd } from '@vitrine/ml-attacks';\nexport const p = pgd;",
    NX,
  ],
  [
    'an adapter imports a stage',
    'activities/adapters/metrics/src/planted.ts',
    "import type { Stage } from '@vitrine/stages';\nexport type S = Stage;",
    NX,
  ],
  [
    'the API imports stages',
    'apps/api/src/planted.ts',
    "import type { Stage } from '@vitrine/stages';\nexport type S = Stage;",
    NX,
  ],
  [
    'the worker imports the API',
    'apps/worker/src/planted.ts',
    "import type { X } from '@vitrine/api';\nexport type S = X;",
    NX,
  ],
  [
    'what is not a benchmark imports the numeric backend in infra',
    'infra/drills/src/planted.ts',
    "import { loadBackend } from '@vitrine/backend';\nexport const l = loadBackend;",
    NX,
  ],
  [
    'a benchmark imports the stages',
    'infra/bench/src/planted.ts',
    "import type { StageMetrics } from '@vitrine/stages';\nexport type S = StageMetrics;",
    NX,
  ],
  [
    'the environment is read outside config',
    'apps/api/src/planted.ts',
    'export const home: string | undefined = process.env.HOME;',
    'no-restricted-properties',
  ],
  [
    'a barrel re-exports everything',
    'workflows/contracts/src/planted.ts',
    "export * from './names.js';",
    'no-restricted-syntax',
  ],
];

const legal: readonly [title: string, file: string, code: string][] = [
  [
    'a workflow imports types of contracts and names',
    'workflows/pipelines/src/planted.ts',
    "import type { StageJob } from '@vitrine/contracts';\nimport { WORKFLOW } from '@vitrine/contracts/names';\nexport type J = StageJob;\nexport const w = WORKFLOW;",
  ],
  [
    'stages import ml and adapters',
    'activities/stages/src/planted.ts',
    "import type { Vit } from '@vitrine/ml-nn';\nimport type { Datasets } from '@vitrine/datasets';\nimport { readFile } from 'node:fs/promises';\nexport type A = Vit | Datasets;\nexport const r = readFile;",
  ],
  [
    'a benchmark imports ml and the numeric backend',
    'infra/bench/src/planted.ts',
    "import { loadBackend } from '@vitrine/backend';\nimport type { Vit } from '@vitrine/ml-nn';\nexport type V = Vit;\nexport const l = loadBackend;",
  ],
  [
    'ml imports ml of a lower floor',
    'activities/ml/attacks/src/planted.ts',
    "import type { Vit } from '@vitrine/ml-nn';\nexport type V = Vit;",
  ],
];

describe('the boundaries between layers', () => {
  beforeAll(() => {
    // Without a cached project graph the Nx rule is skipped with a warning, and everything would pass.
    execFileSync('npx', ['nx', 'show', 'projects'], { cwd: root, stdio: 'ignore' });
  }, 120_000);

  it.each(violations)(
    'refuse: %s',
    async (_title, file, code, rule) => {
      const messages = await lint(file, code);
      expect(messages).not.toEqual([]);
      expect(messages.filter((message) => !message.startsWith(`${rule}: `))).toEqual([]);
    },
    60_000,
  );

  it.each(legal)(
    'allow: %s',
    async (_title, file, code) => {
      expect(await lint(file, code)).toEqual([]);
    },
    60_000,
  );
});
