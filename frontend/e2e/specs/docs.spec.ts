// The page that shows the API document, under its content security policy.

import { expect, test } from '../support/fixtures';

test('the API document is shown, and an operation can be tried', async ({ page, account }) => {
  await page.goto('/docs');
  await expect(page.getByRole('heading', { name: 'Kaiwa' })).toBeVisible();
  await page.locator('[data-path="/api/auth/me"]').click();
  await page.getByRole('button', { name: 'Try it out' }).click();
  await page.getByRole('button', { name: 'Execute' }).click();
  const answer = page.locator('.live-responses-table');
  await expect(answer.getByRole('cell', { name: '200', exact: true })).toBeVisible();
  await expect(answer).toContainText(account.name);
});
