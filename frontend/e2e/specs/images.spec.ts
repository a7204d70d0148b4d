// Images in replies: files of ours at once, images of other servers after a click.

import { expect, test } from '../support/fixtures';

const PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="160"><rect width="320" height="160" fill="teal"/></svg>';
const REMOTE = 'https://pictures.example/cat.svg?id=1';

test('an image of another server is loaded after a click, without a referrer or cookies', async ({ page, context, chat, watch }) => {
  watch.expect(/pictures\.example/);
  const asked: (string | undefined)[] = [];
  await context.route('https://pictures.example/**', (route) => {
    const headers = route.request().headers();
    asked.push(route.request().url(), headers.referer, headers.cookie, headers.origin);
    return route.fulfill({ contentType: 'image/svg+xml', body: PICTURE });
  });
  await chat.ask(`A cat: ![a cat](${REMOTE})\n\nAfter.`, 'slowEcho');
  const show = chat.lastReply.getByRole('button', { name: 'Show image' });
  await expect(show).toHaveText('Show imagea cat — pictures.example');
  expect(asked).toEqual([]);
  await show.click();
  const frame = chat.lastReply.locator('iframe[title="a cat"]');
  await expect(frame).toBeVisible();
  await expect(show).toBeHidden();
  await expect(frame.contentFrame().getByRole('img', { name: 'a cat' })).toHaveJSProperty('naturalWidth', 320);
  expect(await frame.evaluate((one) => [one.clientWidth, one.clientHeight])).toEqual([320, 160]);
  expect(asked).toEqual([REMOTE, undefined, undefined, undefined]);
  await page.reload();
  await expect(show).toBeVisible();
  expect(asked).toHaveLength(4);
});

test('a file of ours is shown at once, in a place that is kept free', async ({ page, chat }) => {
  let isAnswered = false;
  await page.route('**/api/files/*/content', async (route) => {
    await expect.poll(() => isAnswered).toBe(true);
    await route.fulfill({ contentType: 'image/svg+xml', body: PICTURE });
  });
  await chat.ask('Before.\n\n![ours](/api/files/0198a0b0-0000-7000-8000-00000000000a/content#320x160)\n\nAfter.', 'echo');
  const image = chat.lastReply.getByRole('img', { name: 'ours' });
  const size = () => image.evaluate((one) => [one.clientWidth, one.clientHeight]);
  expect(await size()).toEqual([320, 160]);
  isAnswered = true;
  await expect(image).toHaveJSProperty('naturalWidth', 320);
  expect(await size()).toEqual([320, 160]);
});

test('an image that does not come can be asked for again', async ({ context, chat, watch }) => {
  watch.expect(/pictures\.example|net::ERR/);
  let fails = true;
  await context.route('https://pictures.example/**', (route) => (fails ? route.abort() : route.fulfill({ contentType: 'image/svg+xml', body: PICTURE })));
  await chat.ask(`![](${REMOTE})`, 'echo');
  await chat.lastReply.getByRole('button', { name: 'Show image' }).click();
  const again = chat.lastReply.getByRole('button', { name: 'The image couldn’t be loaded. Try again' });
  await expect(again).toBeEnabled();
  fails = false;
  await again.click();
  await expect(chat.lastReply.locator('iframe')).toBeVisible();
});

test('only encrypted images can be loaded, and none within a link', async ({ page, chat }) => {
  const texts = [
    '![plain](http://pictures.example/a.png)',
    '[![linked](https://pictures.example/b.png)](https://example.com/)',
    '![script](javascript:alert(1))',
    '![local](file:///etc/passwd)',
    '![relative](/api/auth/me)',
    '![pixel](data:image/svg+xml,<svg/onload=alert(1)>)',
  ];
  await chat.ask(texts.join('\n\n'), 'echo');
  await expect(chat.lastReply.getByText('Image: relative')).toBeVisible();
  await expect(chat.lastReply.getByRole('button', { name: 'Show image' })).toHaveCount(0);
  await expect(chat.lastReply.locator('img, iframe')).toHaveCount(0);
  await expect(chat.lastReply.getByRole('link', { name: 'Image: plain — pictures.example' })).toHaveAttribute('href', 'http://pictures.example/a.png');
  await expect(page.locator('iframe')).toHaveCount(0);
});
