import { availableParallelism } from 'node:os';

import { defineConfig } from '@playwright/test';

import { chromium } from './support/environment';
import type { Options } from './support/fixtures';

const specs = (...names: string[]) => names.map((name) => `**/${name}.spec.ts`);

export default defineConfig<Options>({
  testDir: './specs',
  outputDir: './test-results/artifacts',
  forbidOnly: Boolean(process.env.CI),
  // Tests spend part of their time waiting.
  workers: Math.ceil(availableParallelism() * 1.5),
  // A busy machine may miss a deadline once; the report names such a test.
  retries: process.env.CI ? 1 : 0,
  timeout: 30_000,
  expect: { timeout: 10_000 },
  reporter: 'list',
  use: {
    ...chromium,
    viewport: { width: 1440, height: 900 },
    locale: 'en-US',
    colorScheme: 'light',
    screenshot: 'only-on-failure',
  },
  projects: [
    { name: 'sqlite', use: { deployment: 'sqlite' }, testIgnore: specs('nginx') },
    // Only what could differ there: the HTTP tests, too, run on both databases.
    {
      name: 'postgres',
      use: { deployment: 'postgres' },
      testMatch: specs('feed', 'main', 'queue', 'replies'),
    },
    {
      name: 'nginx',
      use: { deployment: 'nginx' },
      testMatch: specs('connection', 'diagrams', 'docs', 'feed', 'frame', 'main', 'nginx', 'replies', 'tabs'),
    },
  ],
});
