// The client served by nginx with the configuration of the image.

import { expect, test } from '../support/fixtures';

test('nginx serves the client and forwards the rest', async ({ request }) => {
  const document = await request.get('/c/0198a0b0-0000-7000-8000-000000000000', { headers: { Accept: 'text/html' } });
  expect(document.status()).toBe(200);
  expect(document.headers()).toMatchObject({
    server: 'nginx',
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
  });
  expect(document.headers()['content-security-policy']).toContain("default-src 'none'");

  const module = /href="(\/assets\/[^"]+\.wasm)"/.exec(await document.text())?.[1];
  const wasm = await request.get(module ?? '/missing', { headers: { 'Accept-Encoding': 'gzip' } });
  expect(wasm.headers()).toMatchObject({
    'content-type': 'application/wasm',
    'content-encoding': 'gzip',
    'cache-control': 'public, max-age=31536000, immutable',
  });

  expect((await request.get('/assets/gone-00000000.js')).status()).toBe(404);
  expect(await (await request.get('/api/settings')).json()).toHaveProperty('version');
  expect((await request.get('/health/ready')).status()).toBe(200);
});

test.describe('without a server', () => {
  test.use({ ownSite: true });

  test('the client loads without the server, says so, and recovers', async ({ page, site, watch }) => {
    watch.expect(/status of 503/);
    await site.crash();
    await page.goto('/');
    await expect(page.getByRole('heading', { name: 'Kaiwa isn’t responding' })).toBeVisible();
    await site.startServer();
    await expect(page.getByRole('heading', { name: 'Welcome to Kaiwa' })).toBeVisible();
  });
});
