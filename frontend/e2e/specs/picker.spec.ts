// The model picker: search, groups, favourites, facts, the keyboard, and the sheet on phones.

import { expect, test } from '../support/fixtures';
import { CATALOG, manyModels } from '../support/catalog';
import { MODELS } from '../support/mock';

test.describe('with several providers', () => {
  test.use({ ownSite: true, settings: CATALOG });

  test('N3 the search finds models by name, id and provider, and Enter chooses', async ({ page, chat }) => {
    await chat.picker.click();
    await expect(chat.modelSearch).toBeFocused();
    const rows = chat.models.getByRole('row');
    const found = async (text: string, names: string[]) => {
      await chat.modelSearch.fill(text);
      await expect(rows).toHaveCount(names.length);
      for (const name of names) await expect(chat.model(name)).toBeVisible();
    };
    await found('haiku', ['Claude Haiku 4.5']);
    await found('deepseek v3', ['DeepSeek V3.2']);
    await found('ds/deepseek-v4', ['DeepSeek V4 Pro', 'DeepSeek V4 Flash']);
    await found('ANTHROPIC', ['Claude Opus 5', 'Claude Sonnet 4.5 (20250929)', 'Claude Haiku 4.5']);
    await found('模型', ['我们的模型']);
    await found('no such model', []);
    await expect(page.getByText('No model matches.')).toBeVisible();
    await chat.modelSearch.press('Enter');
    await expect(chat.models, 'nothing to choose').toBeVisible();
    await chat.modelSearch.fill('opus');
    await chat.modelSearch.press('Enter');
    await expect(chat.models).toBeHidden();
    await expect(chat.picker).toHaveText('Claude Opus 5');
    await expect(chat.picker).toBeFocused();
    await expect(chat.questions, 'Enter chose and did not send').toHaveCount(0);
  });

  test('N3 arrow keys move from the search field, around the ends', async ({ chat }) => {
    await chat.picker.focus();
    await chat.picker.press('Enter');
    const at = async (name: string) => {
      const id = (await chat.model(name).getAttribute('id'))!;
      await expect(chat.modelSearch).toHaveAttribute('aria-activedescendant', id);
    };
    await at(MODELS.quick);
    await chat.modelSearch.press('ArrowDown');
    await at(MODELS.echo);
    await chat.modelSearch.press('ArrowUp');
    await chat.modelSearch.press('ArrowUp');
    await at('我们的模型');
    await expect(chat.model('我们的模型')).toBeInViewport();
    await chat.modelSearch.press('ArrowDown');
    await at(MODELS.quick);
    await chat.modelSearch.press('ArrowDown');
    await chat.modelSearch.press('ArrowDown');
    await chat.modelSearch.press('Enter');
    await expect(chat.picker).toHaveText('GPT-4o mini');
    await chat.picker.click();
    await at('GPT-4o mini');
    await expect(chat.model('GPT-4o mini')).toHaveAttribute('aria-selected', 'true');
    await chat.modelSearch.press('Escape');
    await expect(chat.models).toBeHidden();
    await expect(chat.picker).toBeFocused();
  });

  test('K2 an input method receives Enter in the search field', async ({ page, chat, context }) => {
    await chat.picker.click();
    await expect(chat.modelSearch).toBeFocused();
    const session = await context.newCDPSession(page);
    await session.send('Input.imeSetComposition', { text: 'moxing', selectionStart: 6, selectionEnd: 6 });
    for (const key of ['Process', 'Enter']) {
      const event = { key, code: 'Enter', windowsVirtualKeyCode: 229, nativeVirtualKeyCode: 229 };
      await session.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...event });
      await session.send('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
    }
    await expect(chat.models).toBeVisible();
    await session.send('Input.insertText', { text: '模型' });
    await expect(chat.modelSearch).toHaveValue('模型');
    await chat.modelSearch.press('Enter');
    await expect(chat.picker).toHaveText('我们的模型');
  });

  test('N3 models show what they can do and what they cost', async ({ chat }) => {
    await chat.picker.click();
    const mini = chat.model('GPT-4o mini');
    await expect(mini).toContainText('128k context · $0.15 in · $0.60 out / 1M tokens');
    await expect(mini.getByRole('img')).toHaveCount(2);
    await expect(mini.getByRole('img', { name: 'Sees images' })).toBeVisible();
    await expect(chat.model(MODELS.echo)).toContainText('8k context · Free');
    await expect(chat.model('Claude Opus 5').getByRole('img', { name: 'Thinks before answering' })).toBeVisible();
    await expect(chat.model('DeepSeek V3.2').getByRole('img', { name: 'Sees images' })).toHaveCount(0);
  });

  test('N3 favourites come first, recently used ones follow, and both belong to the account', async ({ page, chat }) => {
    await chat.picker.click();
    const heading = (name: string) => chat.models.getByRole('rowgroup', { name, exact: true });
    await expect(heading('Favorites')).toHaveCount(0);
    await chat.model('DeepSeek V4 Pro').getByRole('button', { name: 'Add DeepSeek V4 Pro to favorites' }).click();
    await expect(chat.models, 'a star does not choose').toBeVisible();
    // From the field, Tab leads to the star of the active model.
    await chat.modelSearch.fill('haiku');
    await chat.modelSearch.press('Tab');
    await page.keyboard.press('Enter');
    await chat.modelSearch.fill('echo');
    await chat.modelSearch.press('Enter');
    await page.reload();
    await chat.picker.click();
    await expect(heading('Favorites').getByRole('row')).toContainText(['DeepSeek V4 Pro', 'Claude Haiku 4.5']);
    await expect(heading('Recent').getByRole('row')).toContainText([MODELS.echo]);
    await expect(chat.model('DeepSeek V4 Pro'), 'in one group only').toHaveCount(1);
    await chat.model('DeepSeek V4 Pro').getByRole('button', { name: 'Remove DeepSeek V4 Pro from favorites' }).click();
    await chat.modelSearch.press('Escape');
    await chat.picker.click();
    await expect(heading('Favorites').getByRole('row')).toHaveCount(1);
    const keys = await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('kaiwa.models.')));
    expect(keys).toHaveLength(1);
  });

  test('N3 a model that is no longer offered is shown and not replaced', async ({ page, chat, site, mock, watch }) => {
    watch.expect(/ERR_|Failed to (load|fetch)/);
    const question = `Who are you? ${test.info().testId}`;
    await chat.ask(question, 'echo');
    await site.crash();
    await site.startServer({ LLM_MODEL: MODELS.quick });
    await page.reload();
    await expect(chat.picker).toHaveText(`llm/${MODELS.echo}`);
    await chat.picker.click();
    await expect(page.getByText(`llm/${MODELS.echo} is no longer available. Choose another model.`)).toBeVisible();
    await expect(chat.models.getByRole('row', { selected: true })).toHaveCount(0);
    await chat.model(MODELS.quick).click();
    await expect(chat.picker).toHaveText(MODELS.quick);
    expect(await mock.requestsFor(question)).toHaveLength(1);
  });

  test('K3 a shortcut opens the picker', async ({ page, chat }) => {
    await expect(chat.composer).toBeFocused();
    await page.keyboard.press('Control+Shift+M');
    await expect(chat.modelSearch).toBeFocused();
    await page.keyboard.press('Control+Shift+M');
    await expect(chat.models).toBeHidden();
  });

  test.describe('on a phone', () => {
    test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

    test('N7 the picker is a sheet that back, Escape and the scrim close', async ({ page, chat }) => {
      const address = page.url();
      const picker = chat.picker;
      await picker.tap();
      // It slides in.
      await expect.poll(async () => {
        const box = (await chat.models.boundingBox())!;
        return [box.x, box.width, box.y + box.height].map(Math.round);
      }).toEqual([0, 390, 844]);
      await expect(chat.modelSearch, 'no keyboard opens').not.toBeFocused();
      const inside = () => page.evaluate(() => document.activeElement?.closest('dialog') !== null);
      for (let n = 0; n < 12; n += 1) {
        await page.keyboard.press('Tab');
        const focused = await page.evaluate(() => document.activeElement?.tagName);
        expect(focused === 'BODY' || (await inside()), 'the focus stays in the sheet').toBe(true);
      }
      await page.goBack();
      await expect(chat.models).toBeHidden();
      await expect(chat.composer).toBeVisible();
      expect(page.url()).toBe(address);
      await expect(picker).toBeFocused();

      await picker.tap();
      await page.keyboard.press('Escape');
      await expect(chat.models).toBeHidden();
      await picker.tap();
      await page.touchscreen.tap(195, 40);
      await expect(chat.models).toBeHidden();
      await picker.tap();
      await chat.model('GPT-4o mini').tap();
      await expect(picker).toHaveText('GPT-4o mini');
    });
  });
});

test.describe('with three hundred models', () => {
  test.use({ ownSite: true, settings: manyModels(300) });

  test('N3 all of them can be reached, and few are in the page at first', async ({ chat }) => {
    await chat.picker.click();
    const rows = chat.models.getByRole('row');
    expect(await rows.count()).toBeLessThan(100);
    await chat.modelSearch.fill('model-299');
    await expect(rows).toHaveCount(1);
    await chat.modelSearch.fill('');
    await chat.models.getByRole('grid').hover();
    await expect(async () => {
      await chat.page.mouse.wheel(0, 20_000);
      await expect(rows).toHaveCount(301, { timeout: 200 });
    }).toPass();
  });
});
