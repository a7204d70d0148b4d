// Before a model is connected, the demo answers, and administrators learn how to connect one.

import { newAccount, register } from '../support/account';
import { expect, test } from '../support/fixtures';

const LINE = 'OLLAMA_URL=http://127.0.0.1:11434';

test.use({ ownSite: true, settings: { LLM_API_URL: '', LLM_MODEL: '', DEFAULT_MODEL: '' } });

test('only administrators see model servers that could be connected', async ({ page, context, chat, site }) => {
  let asked = 0;
  await page.route('**/api/admin/providers/found', (route) => {
    asked += 1;
    const server = { name: 'Ollama', url: 'http://127.0.0.1:11434', models: 3, line: LINE };
    return route.fulfill({ json: { servers: [server], none_configured: true } });
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
