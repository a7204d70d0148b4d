// Signing in, the account, and pages without a conversation.

import { expect } from '@playwright/test';

import { register } from '../account';
import { MODELS } from '../mock';
import { savePrompts } from '../prompts';
import { fillHistory, openDrawer, type Scene, type Stage, UNKNOWN_ADDRESS } from './stage';

async function signOut({ page }: Stage): Promise<void> {
  // The page that is open would still send requests, without its cookie.
  await page.goto('about:blank');
  await page.context().clearCookies();
  await page.goto('/auth');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
}

export const SCENES: Scene[] = [
  {
    name: 'sign-up-first',
    ownSite: true,
    async arrange({ page, site }) {
      await page.goto(site.origin);
      await expect(page.getByRole('heading', { name: /Welcome to Kaiwa|欢迎使用 Kaiwa/ })).toBeVisible();
    },
  },
  { name: 'sign-in', arrange: signOut },
  {
    name: 'sign-in-failed',
    async arrange(stage) {
      const { page, account, watch } = stage;
      await signOut(stage);
      watch.expect(/status of 401 .*login$/);
      await page.locator('#username').fill(account.name);
      await page.locator('#password').fill('not the password');
      await page.keyboard.press('Enter');
      await expect(page.getByText(/^(The username or password is wrong|用户名或密码)/)).toBeVisible();
    },
  },
  {
    name: 'sign-up-refused',
    async arrange(stage) {
      const { page, watch } = stage;
      await signOut(stage);
      watch.expect(/status of 422 .*register$/);
      await page.getByRole('button', { name: /^(Create account|注册)$/ }).click();
      await page.locator('#username').fill('a');
      await page.locator('#password').fill('short');
      await page.keyboard.press('Enter');
      await expect(page.locator('#password')).toHaveAttribute('aria-invalid', 'true');
    },
  },
  {
    name: 'sign-up-code',
    ownSite: true,
    async arrange({ page, site, watch }) {
      watch.expect(/status of 403 .*register$/);
      await page.setExtraHTTPHeaders(UNKNOWN_ADDRESS);
      await page.goto(site.origin);
      await page.locator('#username').fill('mei');
      await page.locator('#password').fill('a quiet place to think');
      await page.locator('#setup_code').fill('ABCD');
      await page.keyboard.press('Enter');
      await expect(page.locator('#setup_code')).toHaveAttribute('aria-invalid', 'true');
    },
  },
  {
    name: 'signed-out-elsewhere',
    async arrange({ page, site, watch }) {
      watch.expect(/status of 401/);
      await page.context().request.post(`${site.origin}/api/auth/logout`, { headers: { 'Sec-Fetch-Site': 'same-origin' } });
      await expect(page.getByText(/^(You were signed out|你已退出登录)/)).toBeVisible();
    },
  },
  {
    name: 'misconfigured',
    ownSite: true,
    settings: {
      LLM_MODEL: MODELS.quick,
      DEFAULT_MODEL: 'gpt-9',
      PRESET_MODELS: JSON.stringify({ local: { name: 'Ollama', url: 'http://127.0.0.1:9/v1' }, other: { name: 'vLLM', url: 'http://127.0.0.1:7/v1' } }),
    },
    async arrange({ page, account, site }) {
      await register(page.context().request, site.origin, account);
      await expect(async () => {
        await page.goto(site.origin);
        await expect(page.getByText('Ollama')).toBeVisible({ timeout: 1_000 });
        await expect(page.getByText('gpt-9')).toBeVisible({ timeout: 1_000 });
      }).toPass();
    },
  },
  {
    name: 'account-menu',
    arrange: fillHistory,
    async show(stage) {
      await openDrawer(stage);
      await stage.chat.openAccountMenu();
      await expect(stage.page.getByRole('menu')).toBeVisible();
    },
  },
  {
    name: 'settings',
    async arrange({ page }) {
      await page.goto('/settings');
      await expect(page.getByRole('main').getByRole('heading', { level: 1 })).toBeVisible();
    },
  },
  {
    name: 'settings-prompts',
    async arrange({ page }) {
      await savePrompts(page.request, {
        'Code review': 'Review {{code}} and name the three changes that matter most.',
        日报: '根据下面的要点写一份日报，分成今天完成、遇到的问题和明天计划三部分：\n\n{{要点}}',
      });
      await page.goto('/settings');
      await page.getByRole('button', { name: /^(Add prompt|添加提示词)$/ }).click();
      await page.locator('#name').fill('Translate');
      await page.locator('#text').fill('Translate {{text}} into natural English.\nKeep the tone.');
    },
  },
  {
    name: 'not-found',
    async arrange({ page, watch }) {
      watch.expect(/status of 404/);
      await page.goto('/c/0198a0b0-0000-7000-8000-000000000000');
      await expect(page.getByRole('main').getByRole('heading')).toBeVisible();
    },
  },
  {
    name: 'unreachable',
    async arrange({ page, watch }) {
      watch.expect(/ERR_FAILED/);
      await page.route('**/api/**', (route) => route.abort());
      await page.goto('/');
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    },
  },
];
