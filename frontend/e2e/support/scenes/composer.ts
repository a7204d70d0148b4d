// The composer and what opens from it.

import { expect } from '@playwright/test';

import { register } from '../account';
import { CATALOG } from '../catalog';
import { NOTES, PICTURE, PROGRAM } from '../files';
import { MODELS } from '../mock';
import { savePrompts } from '../prompts';
import { QUESTION, type Scene } from './stage';

export const SCENES: Scene[] = [
  {
    name: 'model-picker',
    ownSite: true,
    settings: CATALOG,
    async arrange({ page, account, site, chat }) {
      await register(page.context().request, site.origin, account);
      await page.goto(site.origin);
      await chat.picker.click();
      for (const name of ['Claude Opus 5', 'DeepSeek V4 Pro']) await chat.model(name).getByRole('button').click();
      await chat.model(MODELS.echo).click();
      await page.reload();
    },
    async show({ chat }) {
      await chat.picker.click();
      await expect(chat.models).toBeVisible();
    },
  },
  {
    name: 'chat-settings',
    ownSite: true,
    settings: CATALOG,
    async arrange({ page, account, site, chat }) {
      await register(page.context().request, site.origin, account);
      await page.goto(site.origin);
      await chat.ask(QUESTION);
      const panel = await chat.openSettings();
      await panel.getByRole('textbox').first().fill('You are a patient teacher.\n请用简体中文回答，先给结论，再解释。');
      await panel.getByRole('slider').fill('30');
      await page.keyboard.press('Escape');
    },
    async show({ chat }) {
      await chat.openSettings();
    },
  },
  {
    name: 'meter',
    async arrange({ chat }) {
      await chat.ask(QUESTION, 'thrifty');
    },
    async show({ page }) {
      await page.locator('.meter').focus();
      await expect(page.locator('.hint')).toBeVisible();
    },
  },
  {
    name: 'queue',
    async arrange({ chat }) {
      await chat.choose('paused');
      await chat.say(QUESTION);
      await expect(chat.lastReply.getByRole('table')).toBeVisible();
      for (const text of ['And how does it compress one?', '缓存又是怎么回事？请详细讲讲浏览器和代理服务器分别怎么做，以及它们如何判断内容是否过期。']) {
        await chat.composer.fill(text);
        await chat.composer.press('Enter');
      }
      await expect(chat.queue).toHaveCount(2);
      await chat.composer.fill('One more thing');
    },
  },
  {
    name: 'compare',
    async arrange({ chat }) {
      await chat.choose('markdown');
    },
    async show({ page, chat }) {
      await chat.compareWith('quick', 'echo');
      await chat.picker.click();
      await page.getByRole('button', { name: /^(Compare with…|同时问其他模型…)/ }).click();
    },
  },
  {
    name: 'temporary-empty',
    async arrange({ page, chat }) {
      await page.goto('/temporary');
      await expect(chat.composer).toBeVisible();
    },
  },
  {
    name: 'temporary',
    async arrange({ page, chat }) {
      await page.goto('/temporary');
      await chat.ask(QUESTION, 'markdown');
    },
  },
  {
    name: 'demo',
    ownSite: true,
    settings: { LLM_API_URL: '', LLM_MODEL: '', DEFAULT_MODEL: '' },
    async arrange({ page, chat, account, site }) {
      await register(page.context().request, site.origin, account);
      await page.goto('/');
      await expect(chat.greeting).toBeVisible();
    },
  },
  {
    name: 'not-sent',
    async arrange({ page, chat, watch }) {
      watch.expect(/ERR_FAILED/);
      await chat.ask(QUESTION);
      await page.route('**/api/chat/stream', (route) => route.abort());
      await chat.composer.fill('This does not arrive.');
      await chat.composer.press('Enter');
      await expect(chat.thread.getByRole('alert')).toBeVisible();
    },
  },
  {
    name: 'files',
    async arrange({ page, chat, watch }) {
      watch.expect(/status of 4\d\d .*files/);
      await page.locator('input[type=file]').setInputFiles([PICTURE, NOTES]);
      await chat.composer.fill(QUESTION);
      await expect(chat.send).toBeEnabled();
      await chat.composer.press('Enter');
      await chat.finished();
      await page.locator('input[type=file]').setInputFiles([PICTURE, PROGRAM, NOTES]);
      await expect(page.getByRole('button', { name: /^(Upload .* again|重新上传)/ })).toHaveCount(0);
      await expect(page.getByRole('list', { name: /^(Files|文件)$/ }).last().getByRole('listitem')).toHaveCount(3);
    },
  },
  {
    name: 'suggestions',
    async arrange({ page, chat }) {
      await savePrompts(page.request, { 'Code review': 'Review {{code}} and name the three changes that matter most, with reasons.', 日报: '写一份日报' });
      await chat.ask(QUESTION);
    },
    async show({ page, chat }) {
      await chat.composer.fill('');
      await chat.composer.pressSequentially('/');
      await expect(page.getByRole('listbox')).toBeVisible();
    },
  },
  {
    name: 'quote',
    async arrange({ chat }) {
      await chat.ask(QUESTION);
    },
    async show({ page, chat }) {
      await chat.lastReply.getByRole('paragraph').first().evaluate((first) => getSelection()?.selectAllChildren(first));
      await expect(page.getByRole('button', { name: /^(Quote|引用)$/ })).toBeVisible();
    },
  },
];
