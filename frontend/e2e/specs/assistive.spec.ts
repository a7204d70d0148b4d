// The page for users of a screen reader, and for people who avoid motion or cannot tell colours apart.

import type { Locator } from '@playwright/test';

import { expect, test } from '../support/fixtures';
import { MODELS, numbered } from '../support/mock';

test('A4: a reply is not read out while it arrives; its beginning and its end are announced', async ({ page, chat }) => {
  await page.evaluate(() => {
    const said: string[] = [];
    Object.assign(window, { said });
    new MutationObserver((changes) => {
      for (const { target } of changes) {
        const region = (target instanceof Element ? target : target.parentElement)?.closest('[role=status], [role=alert], [aria-live]');
        if (region && region.getAttribute('aria-live') !== 'off') said.push(region.textContent ?? '');
      }
    }).observe(document.body, { childList: true, characterData: true, subtree: true });
  });
  await chat.choose('steady');
  await chat.say('How are rivers made?');
  await chat.arrived(20);
  await expect(chat.thread).toHaveAttribute('aria-live', 'off');
  await expect(chat.lastReply).toHaveAttribute('aria-busy', 'true');
  await chat.finished();
  const said = await page.evaluate(() => (window as unknown as { said: string[] }).said.map((text) => text.trim()).filter(Boolean));
  expect(said.filter((text) => /t\d+/.test(text))).toEqual([]);
  expect([...new Set(said)]).toEqual(['Generating', 'Answer complete']);
});

test('A4: a failure is an alert', async ({ chat }) => {
  await chat.ask('Hello?', 'broken');
  await expect(chat.thread.getByRole('alert')).toBeVisible();
});

test('A5: the transcript is a log of articles with authors, and headings in answers are below those of the page', async ({ page, chat }) => {
  await chat.ask('# My heading\n\nWhat is this?', 'quick');
  await chat.ask('# One\n\n## Two\n\n###### Six', 'echo');
  await expect(page.getByRole('log', { name: 'Messages' }).getByRole('article')).toHaveCount(4);
  await expect(chat.questions.first()).toHaveAccessibleName('You');
  await expect(chat.replies.first()).toHaveAccessibleName(`Assistant, ${MODELS.quick}`);
  await expect(chat.lastReply).toHaveAccessibleName(`Assistant, ${MODELS.echo}`);
  const level = (name: string, level: number) => expect(chat.lastReply.getByRole('heading', { name, level })).toBeVisible();
  await level('One', 3);
  await level('Two', 4);
  await level('Six', 6);
  await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
  await expect(chat.thread.getByRole('heading', { level: 2 })).toHaveCount(0);
});

test.describe('with reduced motion', () => {
  test.use({ contextOptions: { reducedMotion: 'reduce' } });

  test('A6: nothing fades, shimmers or glides', async ({ page, chat }) => {
    const running = () => page.evaluate(() => document.getAnimations().filter((one) => one.playState === 'running').map((one) => String((one as CSSAnimation).animationName)));
    await chat.choose('silent');
    await chat.say('Nothing comes.');
    await expect(chat.lastReply.getByText('Generating')).toBeAttached();
    // The second and the third dot would begin a moment later.
    await expect.poll(running).toEqual([]);
    await chat.stop.click();
    await chat.newConversation();
    await chat.ask('Explain static files.', 'markdown');
    await chat.choose('thinker');
    await chat.say('Think about it.');
    await expect(chat.lastReply.getByText(/^Thinking/)).toBeVisible();
    expect(await running()).toEqual([]);
    await chat.finished();
    expect(await running()).toEqual([]);
    // The way back to the end is one step.
    await chat.thread.hover();
    await page.mouse.wheel(0, -1200);
    const jump = page.getByRole('button', { name: 'Jump to latest' });
    await expect(jump).toBeVisible();
    const tops = await chat.thread.evaluate(async (thread) => {
      const seen = new Set<number>();
      thread.addEventListener('scroll', () => seen.add(Math.round(thread.scrollTop)));
      document.querySelector<HTMLElement>('.jump')?.click();
      for (let frame = 0; frame < 20; frame += 1) await new Promise(requestAnimationFrame);
      return seen.size;
    });
    expect(tops).toBe(1);
  });
});

/** Everything about an element but its colours: text, names, states, icons and font weight. */
const signs = (element: Locator) =>
  element.evaluate((one) => {
    const parts = [one, ...one.querySelectorAll('*')].map((part) => {
      const attributes = [...part.attributes].filter(({ name }) => /^aria-(label|current|selected|checked|pressed|busy|valuetext)$|^title$|^d$/.test(name));
      const style = getComputedStyle(part);
      return [part.tagName, style.fontWeight, style.textDecorationLine, style.borderStyle, ...attributes.map(({ name, value }) => `${name}=${value}`)];
    });
    return JSON.stringify([(one as HTMLElement).innerText, parts]);
  });

test('A8: a state is never told by its colour alone', async ({ page, chat }) => {
  await chat.ask('What is a river?');
  await chat.newConversation();
  await chat.ask('What is a lake?');
  // The open conversation, the chosen model and the chosen theme.
  await expect(chat.entry('What is a lake?')).toHaveAttribute('aria-current', 'page');
  await expect(chat.entry('What is a river?')).not.toHaveAttribute('aria-current');
  await chat.picker.click();
  const mark = (selected: boolean) => chat.models.getByRole('row', { selected }).first().locator('.model-ends > svg');
  await expect(mark(true)).toBeVisible();
  await expect(mark(false)).toBeHidden();
  await page.keyboard.press('Escape');
  await chat.openAccountMenu();
  await expect(page.getByRole('menuitemradio', { name: 'System' }).locator('svg').last()).toBeVisible();
  await expect(page.getByRole('menuitemradio', { name: 'Dark' }).locator('svg').last()).toBeHidden();
  await page.keyboard.press('Escape');
  // Tool calls, a stopped answer, a failure.
  await chat.ask('What is the weather in Tokyo?', 'tools');
  await expect(chat.lastReply.getByRole('button', { name: /^get_weather/ })).toContainText('Not run');
  await chat.ask('Hello?', 'broken');
  await expect(chat.lastReply.getByRole('alert')).toContainText(/\w/);
  await expect(chat.lastReply.getByRole('alert').locator('svg').first()).toBeVisible();
  // A button that wraps, and one that is pressed, differ by more than a colour.
  await chat.ask(`Code:\n\n\`\`\`js\nconst text = '${'word '.repeat(60)}';\n\`\`\``, 'echo');
  const wrap = chat.lastReply.getByRole('button', { name: 'Wrap' });
  const before = await signs(wrap);
  await wrap.click();
  expect(await signs(wrap)).not.toBe(before);
  // The options of a setting.
  await page.goto('/settings');
  const option = (name: string) => page.locator('.choice', { hasText: name }).locator('span');
  const weight = (name: string) => option(name).evaluate((one) => getComputedStyle(one).fontWeight);
  expect(await weight('System')).not.toBe(await weight('Dark'));
});

test('A9: a reply is shown when it is complete, if that is preferred', async ({ page, chat }) => {
  await chat.account('Settings');
  await page.getByRole('radio', { name: 'When complete' }).check();
  await page.reload();
  await expect(page.getByRole('radio', { name: 'When complete' })).toBeChecked();
  await page.goBack();
  await chat.choose('steady');
  await chat.say('How are rivers made?');
  await expect(chat.stop).toBeVisible();
  const seen = await chat.thread.evaluate(async (thread) => {
    const texts = new Set<string>();
    const reply = () => [...thread.querySelectorAll<HTMLElement>('.message[data-author=assistant]')].at(-1);
    while (!reply()?.querySelector('article:not([aria-busy])')) {
      texts.add(reply()?.querySelector('.md')?.textContent ?? '');
      await new Promise(requestAnimationFrame);
    }
    return [...texts];
  });
  expect(seen).toEqual(['']);
  await chat.finished();
  await expect(chat.lastReply.getByRole('paragraph').first()).toHaveText(numbered(300));
  await expect(page.getByRole('status').filter({ hasText: 'Answer complete' })).toHaveCount(1);

  // Reasoning waits too, and so does what is added to an answer.
  await chat.choose('thinker');
  await chat.say('Think about it.');
  await expect(chat.lastReply.getByText('Generating')).toBeAttached();
  await expect(chat.lastReply.getByText(/^Thinking/)).toHaveCount(0);
  await chat.finished();
  await expect(chat.lastReply.getByRole('button', { name: /^Thought/ })).toBeVisible();
  await chat.choose('endless');
  await chat.say('Tell me everything.');
  await expect(chat.lastReply.getByText('Generating')).toBeAttached();
  await page.reload();
  await expect(chat.stop).toBeVisible();
  await expect(chat.lastReply.locator('.md')).toHaveCount(0);
  await page.waitForTimeout(500);
  await chat.stop.click();
  await expect(chat.lastReply.getByRole('paragraph').first()).toContainText('t5');
  const text = await chat.tokens();
  await chat.lastReply.getByRole('button', { name: 'Continue' }).click();
  await expect(chat.stop).toBeVisible();
  await page.waitForTimeout(500);
  expect(await chat.tokens()).toBe(text);
  await chat.stop.click();
  await chat.finished();
  expect((await chat.tokens()).length).toBeGreaterThan(text.length);
});
