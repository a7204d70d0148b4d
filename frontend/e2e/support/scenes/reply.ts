// Messages and replies in every state.

import { expect } from '@playwright/test';

import { QUESTION, type Scene } from './stage';

export const SCENES: Scene[] = [
  {
    name: 'print',
    async arrange({ page, chat }) {
      await chat.ask(QUESTION, 'markdown');
      await page.emulateMedia({ media: 'print' });
      await expect(chat.composer).toBeHidden();
    },
  },
  {
    name: 'reply',
    async arrange({ chat }) {
      await chat.ask(QUESTION, 'markdown');
      await chat.ask('谢谢！再简单说说缓存。');
      await chat.ask(QUESTION, 'markdown');
    },
  },
  {
    name: 'reply-top',
    async arrange({ chat }) {
      await chat.ask(QUESTION, 'markdown');
    },
    async show({ chat }) {
      await chat.thread.evaluate((thread) => thread.dispatchEvent(new WheelEvent('wheel', { deltaY: -100 })));
      await chat.thread.evaluate((thread) => thread.scrollTo({ top: 0, behavior: 'instant' }));
    },
  },
  {
    name: 'reply-under-way',
    async arrange({ chat }) {
      await chat.choose('paused');
      await chat.say(QUESTION);
      await expect(chat.lastReply.getByRole('table')).toBeVisible();
    },
  },
  {
    name: 'waiting',
    async arrange({ chat }) {
      await chat.choose('silent');
      await chat.say(QUESTION);
      await expect(chat.stop).toBeVisible();
    },
  },
  {
    name: 'thinking',
    async arrange({ chat }) {
      await chat.choose('pondering');
      await chat.say(QUESTION);
      await expect(chat.lastReply.getByText('r39')).toBeVisible();
    },
  },
  {
    name: 'thoughts-and-tools',
    async arrange({ chat }) {
      await chat.ask('What time is it in Tokyo?', 'tools');
      await chat.lastReply.getByRole('button', { name: /^get_weather/ }).click();
      await chat.ask('Think about it.', 'thinker');
      await chat.lastReply.getByRole('button').first().click();
    },
  },
  {
    name: 'tools',
    async arrange({ chat }) {
      await chat.ask('What time is it in Tokyo?', 'tools');
      await chat.lastReply.getByRole('button', { name: /^get_weather/ }).click();
    },
  },
  {
    name: 'sources',
    async arrange({ chat }) {
      await chat.ask('What is a river?', 'sourced');
    },
  },
  {
    name: 'versions',
    async arrange({ chat }) {
      await chat.ask('What is a river?', 'markdown');
      await chat.ask('And a brook?');
      await chat.take(chat.lastReply, /^(Answer again|重新回答)$/, /^(Answer again|重新回答)/);
      await chat.finished();
      await chat.lastReply.hover();
    },
  },
  {
    name: 'details',
    async arrange({ chat }) {
      await chat.ask(QUESTION, 'thrifty');
    },
    async show({ page, chat }) {
      await chat.lastReply.getByRole('button', { name: /^(Details|这条回答的详情)/ }).click();
      await expect(page.getByRole('group', { name: /^(Details|这条回答的详情)/ })).toBeVisible();
    },
  },
  {
    name: 'message-menu',
    async arrange({ chat }) {
      await chat.ask(QUESTION);
    },
    async show({ page, chat }) {
      await chat.do(chat.lastReply, /^(More actions|更多操作)$/);
      await expect(page.getByRole('menu')).toBeVisible();
    },
  },
  {
    name: 'answer-again',
    async arrange({ chat }) {
      await chat.ask(QUESTION);
    },
    async show({ page, chat }) {
      await chat.do(chat.lastReply, /^(Answer again|重新回答)$/);
      await expect(page.getByRole('menu')).toBeVisible();
    },
  },
  {
    name: 'editing',
    async arrange({ chat }) {
      await chat.ask(QUESTION);
    },
    async show({ page, chat }) {
      await chat.do(chat.questions.first(), /^(Edit|编辑)$/);
      await expect(page.getByRole('textbox', { name: /^(Edit message|编辑消息)$/ })).toBeFocused();
    },
  },
  {
    name: 'delete-message',
    async arrange({ chat }) {
      await chat.ask(QUESTION);
    },
    async show({ page, chat }) {
      await chat.take(chat.questions.first(), /^(More actions|更多操作)$/, /Delete|删除/);
      await expect(page.getByRole('dialog')).toBeVisible();
    },
  },
  {
    name: 'columns',
    async arrange({ chat }) {
      await chat.choose('markdown');
      await chat.compareWith('quick', 'thinker');
      await chat.say(QUESTION);
      await expect(chat.replies).toHaveCount(3);
      await chat.finished();
    },
  },
  {
    name: 'columns-under-way',
    async arrange({ chat }) {
      await chat.choose('paused');
      await chat.compareWith('pondering', 'busy');
      await chat.say(QUESTION);
      await expect(chat.replies).toHaveCount(3);
      await expect(chat.thread.getByRole('table')).toBeVisible();
      await expect(chat.thread.getByRole('alert')).toBeVisible();
    },
  },
  {
    name: 'retrying',
    async arrange({ chat }) {
      await chat.choose('unwilling');
      await chat.say(QUESTION);
      await expect(chat.lastReply.getByText(/busy|繁忙/)).toBeVisible();
    },
  },
  {
    name: 'cut-short',
    async arrange({ chat }) {
      await chat.ask(QUESTION, 'cutShort');
    },
  },
  {
    name: 'stopped',
    async arrange({ chat }) {
      await chat.choose('endless');
      await chat.say(QUESTION);
      await chat.arrived(30);
      await chat.stop.click();
      await chat.finished();
    },
  },
  {
    name: 'failed',
    async arrange({ chat }) {
      await chat.ask(QUESTION, 'busy');
      await expect(chat.lastReply.getByRole('alert')).toBeVisible();
    },
  },
  {
    name: 'torn',
    async arrange({ chat }) {
      await chat.ask(QUESTION, 'torn');
    },
  },
  {
    name: 'reconnecting',
    async arrange({ page, chat, site, watch }) {
      watch.expect(/ERR_|status of 50/);
      await chat.choose('endless');
      await chat.say(QUESTION);
      await chat.arrived(30);
      await page.context().setOffline(true);
      site.cutWire();
      await expect(page.getByText(/^(Connection lost|连接已断开)/)).toBeVisible();
    },
  },
];
