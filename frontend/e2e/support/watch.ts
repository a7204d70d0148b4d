// Checks for every test: no request leaves the origin, and no error goes unnoticed.

import type { BrowserContext } from '@playwright/test';

/** Watches a browser context for errors that a user would not notice. */
export class Watch {
  private readonly findings: string[] = [];
  private readonly expected: RegExp[] = [
    // This is how the client learns that nobody is signed in.
    /status of 401 .*\/api\/auth\/me$/,
  ];

  constructor(
    context: BrowserContext,
    private readonly origin: string,
  ) {
    context.on('request', (request) => this.checkAddress(request.url()));
    context.on('weberror', (error) => this.note(`uncaught exception: ${error.error().message}`));
    context.on('dialog', async (dialog) => {
      this.note(`dialog: ${dialog.message()}`);
      await dialog.dismiss();
    });
    context.on('console', (message) => {
      if (message.type() === 'error') this.note(`${message.text()} ${message.location().url}`);
    });
  }

  /** Reports everything that the policy blocks, even if Chromium does not log an error. */
  static async reportViolations(context: BrowserContext): Promise<void> {
    await context.addInitScript(() => {
      addEventListener('securitypolicyviolation', (event) => {
        console.error(`policy violation: ${event.effectiveDirective} ${event.blockedURI}`);
      });
    });
  }

  /** Expects a console message that this test causes. */
  expect(pattern: RegExp): void {
    this.expected.push(pattern);
  }

  /** Unexpected findings. */
  get unexpected(): string[] {
    return this.findings.filter((finding) => !this.expected.some((pattern) => pattern.test(finding)));
  }

  private checkAddress(address: string): void {
    const url = new URL(address);
    const local = ['data:', 'blob:', 'about:'].includes(url.protocol);
    if (!local && url.origin !== this.origin) this.note(`a request left the origin: ${address}`);
  }

  private note(finding: string): void {
    this.findings.push(finding);
  }
}
