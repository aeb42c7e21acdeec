import { defineConfig } from 'vitest/config';

const tensorflow = [
  'activities/ml/**/*.spec.ts',
  'activities/backend/**/*.spec.ts',
  'activities/stages/src/**/*.stage.spec.ts',
];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          // Generous: a busy machine is no failure, and no test asserts time.
          testTimeout: 60_000,
          hookTimeout: 120_000,
          include: ['{workflows,activities,apps,infra}/**/*.spec.ts'],
          exclude: [
            '**/node_modules/**',
            '**/dist/**',
            ...tensorflow,
            '**/*.workflow.spec.ts',
            '**/*.s3.spec.ts',
          ],
        },
      },
      {
        test: {
          name: 'ml',
          include: tensorflow,
          setupFiles: ['activities/backend/src/testing/tensorflow.setup.ts'],
          // Without a line of TensorFlow's for every graph that is loaded.
          env: { TF_CPP_MIN_LOG_LEVEL: '1' },
          pool: 'forks',
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'services',
          include: ['{workflows,activities,apps}/**/*.{workflow,s3}.spec.ts'],
          globalSetup: ['infra/testing/services.global-setup.ts'],
          pool: 'forks',
          maxWorkers: 1,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['apps/e2e/specs/**/*.e2e.ts'],
          pool: 'forks',
          maxWorkers: 1,
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
