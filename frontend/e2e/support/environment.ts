// The programs under test. `cargo xtask test` passes their paths in the environment.

import type { PlaywrightTestOptions, PlaywrightWorkerOptions } from '@playwright/test';

/** The value of a variable that `cargo xtask test` sets. */
export function required(name: string): string {
  const value = process.env[name];
  if (!value) {
    throw new Error(`${name} is not set: run the browser tests with \`cargo xtask test\``);
  }
  return value;
}

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** The installed browser. */
export const chromium: Partial<PlaywrightTestOptions & PlaywrightWorkerOptions> = {
  browserName: 'chromium',
  launchOptions: { executablePath: process.env.CHROMIUM_BIN, args: FLAGS },
};
