// Before a model is connected, the demo answers, and administrators learn how to connect one.

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { AxeBuilder } from '@axe-core/playwright';

import { newAccount, register } from '../support/account';
import { expect, test } from '../support/fixtures';
import { MODELS } from '../support/mock';

const LINE = 'OLLAMA_URL=http://127.0.0.1:11434';

test.use({ ownSite: true, settings: { LLM_API_URL: '', LLM_MODEL: '', DEFAULT_MODEL: '' } });

test('only administrators see model servers that could be connected', async ({ page, context, chat, site }) => {
  let asked = 0;
  await page.route('**/api/admin/providers/found', (route) => {
    asked += 1;
    const server = { name: 'Ollama', url: 'http://127.0.0.1:11434', models: 3, line: LINE };
    return route.fulfill({ json: { servers: [server], none_configured: true, failed: [] } });
  });
  await page.reload();
  await expect(page.getByText('You’re talking to the built-in demo.')).toBeVisible();
  await expect(page.getByText('Ollama is running on this server with 3 models.')).toBeVisible();
  await expect(page.getByText(LINE)).toBeVisible();
  await chat.say('Hello');
  await expect(page.getByText(LINE)).toBeHidden();
  const askedByAdministrator = asked;

  await context.clearCookies();
  await register(context.request, site.origin, newAccount());
  await page.goto('/');
  await expect(page.getByText('You’re talking to the built-in demo.')).toBeVisible();
  await expect(chat.composer).toBeFocused();
  await expect(page.getByText(LINE)).toBeHidden();
  expect(asked).toBe(askedByAdministrator);
});

test('a conversation with the demo continues with a real model', async ({ page, chat, site, mock, watch }) => {
  watch.expect(/ERR_|status of 422/);
  await chat.say('Hello');
  await chat.finished();
  await site.crash();
  await site.startServer({ LLM_API_URL: mock.url, LLM_MODEL: MODELS.quick });
  await page.reload();
  await chat.composer.fill('And now?');
  await chat.composer.press('Enter');
  await chat.thread.getByRole('button', { name: `Answer with ${MODELS.quick}` }).click();
  await chat.finished();
  await expect(chat.lastReply).toContainText('t39');
});

test.describe('a provider that cannot be reached', () => {
  test.use({ settings: { LLM_API_URL: 'http://127.0.0.1:9/v1', LLM_MODEL: '', DEFAULT_MODEL: '', LLM_API_KEY: 'sk-test' } });

  test('administrators see which provider failed and why, and nobody is told of a demo', async ({ page, context, chat, site }) => {
    await expect(async () => {
      await page.reload();
      await expect(page.getByText('Can’t reach the provider.')).toBeVisible({ timeout: 1_000 });
    }).toPass();
    await expect(page.getByText('You’re talking to the built-in demo.')).toBeHidden();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      expect((await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id)).toEqual([]);
    }
    const asked = page.waitForResponse('**/api/models/refresh');
    await page.getByRole('button', { name: 'Try again' }).click();
    expect((await asked).status()).toBe(200);
    await expect(page.getByText('These providers offer no models right now:')).toBeVisible();

    await context.clearCookies();
    await register(context.request, site.origin, newAccount());
    await page.goto('/');
    await expect(chat.composer).toBeFocused();
    await expect(page.getByText('No model can be reached right now.')).toBeVisible();
    await expect(page.getByText('Can’t reach the provider.')).toBeHidden();
    await expect(page.getByText('You’re talking to the built-in demo.')).toBeHidden();
  });
});

test.describe('a provider that hangs', () => {
  const presets = { slow: { name: 'Slow', url: 'http://127.0.0.1:1/v1' }, down: { name: 'Down', url: 'http://127.0.0.1:9/v1' } };
  let hanging: Server;

  test.use({
    settings: async ({}, use) => {
      hanging = createServer(() => {}).listen(0, '127.0.0.1');
      await once(hanging, 'listening');
      presets.slow.url = `http://127.0.0.1:${(hanging.address() as AddressInfo).port}/v1`;
      await use({ LLM_MODEL: MODELS.quick, DEFAULT_MODEL: 'gtp-5', PRESET_MODELS: JSON.stringify(presets) });
      hanging.close();
    },
  });

  test('trying again shows progress and answers soon', async ({ page, chat }) => {
    await expect(page.getByText('Down')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Asking the providers' })).toHaveAttribute('aria-disabled', 'true');
    await expect(chat.composer).toBeFocused();
    // The connections are refused from now on.
    hanging.close();
    hanging.closeAllConnections();
    await expect(page.getByText('Slow')).toBeVisible();
    const again = page.getByRole('button', { name: 'Try again' });
    await expect(again).toBeVisible();
    await expect(page.getByText('No provider offers the default model “gtp-5”')).toBeVisible();
    const asked = page.waitForResponse('**/api/models/refresh');
    await again.click();
    expect((await asked).status()).toBe(200);
  });
});

test.describe('a default model that nobody offers', () => {
  test.use({ settings: { DEFAULT_MODEL: 'gtp-5' } });

  test('administrators see which one, and others nothing', async ({ page, context, chat, site }) => {
    const said = page.getByText(`No provider offers the default model “gtp-5”, so new chats start with ${MODELS.quick}.`);
    await expect(said).toBeVisible();
    // The page that is open would still send requests, without its cookie.
    await page.goto('about:blank');
    await context.clearCookies();
    await register(context.request, site.origin, newAccount());
    await page.goto('/');
    await expect(chat.picker).toHaveText(MODELS.quick);
    await expect(said).toBeHidden();
    await expect(page.getByText('gtp-5')).toHaveCount(0);
  });
});
