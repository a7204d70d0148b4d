// Kaiwa below a path of another site, where its files cannot be found: the document says so by itself.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { AxeBuilder } from '@axe-core/playwright';

import { Daemon, freePort } from '../support/daemon';
import { required } from '../support/environment';
import { expect, test as base } from '../support/fixtures';

/** The addresses of a proxy in front of Kaiwa: of a site that has nothing else, and of one that has a page for every path. */
interface Proxy {
  bare: string;
  other: string;
}

const test = base.extend<{ around: Proxy }>({
  around: async ({ site, watch }, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'kaiwa-nginx-'));
    const [bare, other] = [await freePort(), await freePort()];
    const stripped = (path: string) => `location ${path} { proxy_pass ${site.direct}/; }`;
    const whole = (path: string) => `location ${path} { proxy_pass ${site.direct}; }`;
    await writeFile(join(folder, 'nginx.conf'), `
      pid ${folder}/nginx.pid; daemon off; error_log stderr;
      events {}
      http {
        access_log off;
        client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/f;
        uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
        server {
          listen 127.0.0.1:${bare};
          location = / { return 204; }
          location / { return 404; }
          ${stripped('/chat/')} ${whole('/whole/')} ${stripped('/settings/')}
        }
        server {
          listen 127.0.0.1:${other};
          location / { default_type text/html; return 200 'Another page'; }
          ${stripped('/ai/kaiwa/')} ${whole('/会话/')}
        }
      }`);
    const nginx = Daemon.start({
      program: required('NGINX_BIN'),
      args: ['-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')],
      env: {},
      cwd: folder,
      signal: 'TERM',
    });
    const origin = (port: number) => `http://127.0.0.1:${port}`;
    await nginx.answersAt(`${origin(bare)}/`);
    watch.expect(new RegExp(`^a request left the origin: http://127.0.0.1:(${bare}|${other})/`));
    watch.expect(/status of 404|MIME type/);
    await use({ bare: origin(bare), other: origin(other) });
    await nginx.stop();
    await rm(folder, { recursive: true, force: true });
  },
});

test('below a path, the page says that Kaiwa needs an address of its own', async ({ page, around }) => {
  const said = page.getByText('Kaiwa needs an address of its own');
  for (const path of ['/chat/', '/chat/c/0198a0b0-0000-7000-8000-000000000000', '/whole/', '/settings/']) {
    await page.goto(`${around.bare}${path}`);
    await expect(said, path).toBeVisible();
  }
  for (const path of ['/ai/kaiwa/', '/会话/']) {
    await page.goto(`${around.other}${path}`);
    await expect(said, path).toBeVisible();
  }
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    expect((await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id)).toEqual([]);
    await page.screenshot({ path: `test-results/screens/misplaced-${colorScheme}-en.png` });
  }
  await expect(page.getByText('Kaiwa 需要')).toBeHidden();
});

test.describe('in Chinese', () => {
  test.use({ locale: 'zh-CN', viewport: { width: 390, height: 844 } });

  test('below a path, the page says so in Chinese', async ({ page, around }) => {
    await page.goto(`${around.bare}/chat/`);
    await expect(page.getByText('Kaiwa 需要一个单独的地址')).toBeVisible();
    await expect(page.getByText('Kaiwa needs')).toBeHidden();
    await page.screenshot({ path: 'test-results/screens/misplaced-zh.png' });
  });
});

test('where a file is missing for another reason, the page asks for a reload', async ({ page, watch }) => {
  watch.expect(/status of 404/);
  for (const path of ['/', '/settings', '/c/0198a0b0-0000-7000-8000-000000000000']) {
    await page.route('**/assets/**/*.js', (route) => route.fulfill({ status: 404 }));
    await page.goto(path);
    await expect(page.getByText('Reload the page. If that doesn’t help')).toBeVisible();
    await expect(page.getByText('Kaiwa needs')).toBeHidden();
  }
  await page.unroute('**/assets/**/*.js');
  await page.getByRole('link', { name: 'Reload' }).click();
  await expect(page.getByRole('main')).toBeVisible();
});
