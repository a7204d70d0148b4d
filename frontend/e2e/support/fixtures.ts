// Test fixtures: a provider, a deployment, a user who may be signed in, and the watch.

import { test as base, expect } from '@playwright/test';

import { type Account, newAccount, register } from './account';
import { Chat } from './chat';
import { MockLlm, MODELS } from './mock';
import type { Stage } from './scenes/stage';
import { type Deployment, Site } from './site';
import { Watch } from './watch';

/** Options of a project or a file. */
export interface Options {
  deployment: Deployment;
}

interface WorkerFixtures extends Options {
  mock: MockLlm;
  sharedSite: Site;
}

interface TestFixtures {
  /** Uses a fresh deployment instead of the shared one. */
  ownSite: boolean;
  /** Variables of the server, for a test with its own deployment. */
  settings: Record<string, string>;
  site: Site;
  watch: Watch;
  /** An account; the browser is signed in with it. */
  account: Account;
  /** The fixtures of a scene. The page is open; on its own server, nobody is signed in. */
  stage: Stage;
  /** The chat page, opened by a new user. */
  chat: Chat;
}

function settingsFor(mock: MockLlm): Record<string, string> {
  return { LLM_API_URL: mock.url, LLM_MODEL: Object.values(MODELS).join(','), DEFAULT_MODEL: MODELS.quick };
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  deployment: ['sqlite', { option: true, scope: 'worker' }],
  ownSite: [false, { option: true }],
  settings: [{}, { option: true }],

  mock: [
    async ({}, use) => {
      const mock = await MockLlm.start();
      await use(mock);
      await mock.stop();
    },
    { scope: 'worker' },
  ],

  sharedSite: [
    async ({ deployment, mock }, use) => {
      const site = await Site.start(deployment, settingsFor(mock));
      await use(site);
      await site.stop();
    },
    { scope: 'worker' },
  ],

  site: async ({ deployment, mock, ownSite, settings, sharedSite }, use, info) => {
    const site = ownSite ? await Site.start(deployment, { ...settingsFor(mock), ...settings }) : sharedSite;
    await use(site);
    site.mendWire();
    if (info.status !== info.expectedStatus) {
      await info.attach('server.log', { body: site.log, contentType: 'text/plain' });
    }
    if (ownSite) await site.stop();
  },

  baseURL: async ({ site }, use) => use(site.origin),

  watch: [
    async ({ context, site }, use) => {
      const watch = new Watch(context, site.origin);
      await Watch.reportViolations(context);
      await use(watch);
      expect(watch.unexpected).toEqual([]);
    },
    { auto: true },
  ],

  account: async ({ context, site }, use) => {
    const account = newAccount();
    await register(context.request, site.origin, account);
    await use(account);
  },

  stage: async ({ page, context, site, watch, ownSite, hasTouch }, use) => {
    const [chat, account] = [new Chat(page), newAccount()];
    if (!ownSite) {
      await register(context.request, site.origin, account);
      await page.goto('/');
      await opened(chat, hasTouch);
    }
    await use({ page, chat, account, site, watch });
  },

  chat: async ({ page, account: _signedIn, hasTouch }, use) => {
    const chat = new Chat(page);
    await page.goto('/');
    await opened(chat, hasTouch);
    await use(chat);
  },
});

/** Waits until the composer is ready. On touch devices it is not focused, because a keyboard would cover the page. */
async function opened(chat: Chat, hasTouch: boolean | undefined): Promise<void> {
  await (hasTouch ? expect(chat.composer).toBeVisible() : expect(chat.composer).toBeFocused());
}

export { expect };
