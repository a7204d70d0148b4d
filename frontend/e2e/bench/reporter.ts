// Prints measurements as rows of the table of `cargo xtask bench`, and nothing else.

import type { Reporter, TestCase, TestResult } from '@playwright/test/reporter';

export default class Rows implements Reporter {
  onStdOut(chunk: string | Buffer): void {
    process.stdout.write(chunk);
  }

  onTestEnd(test: TestCase, result: TestResult): void {
    for (const error of result.errors) console.error(`${test.title}: ${error.message}`);
  }

  printsToStdio(): boolean {
    return true;
  }
}
