import { defineConfig } from '@playwright/test';

import { chromium } from './support/environment';
import type { Options } from './support/fixtures';

export default defineConfig<Options>({
  testDir: './bench',
  outputDir: './test-results/bench',
  workers: 1,
  timeout: 120_000,
  reporter: './bench/reporter.ts',
  use: { ...chromium, viewport: { width: 1440, height: 900 }, locale: 'en-US', deployment: 'sqlite' },
});
