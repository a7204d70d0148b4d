// The list of conversations.

import { expect } from '@playwright/test';

import { fillHistory, openDrawer, type Scene } from './stage';

export const SCENES: Scene[] = [
  {
    name: 'empty',
    async arrange({ chat }) {
      await expect(chat.greeting).toBeVisible();
    },
  },
  {
    name: 'history',
    async arrange(stage) {
      await fillHistory(stage);
      await stage.chat.composer.fill('A message of several lines,\nwritten but not sent,\nto see how the composer grows.');
    },
  },
  {
    name: 'conversation-menu',
    async arrange({ chat }) {
      await chat.ask('What is a meadow?');
    },
    async show(stage) {
      await openDrawer(stage);
      await stage.chat.openMenu('What is a meadow?');
    },
  },
  {
    name: 'rename',
    async arrange({ chat }) {
      await chat.ask('What is a meadow?');
    },
    async show(stage) {
      await openDrawer(stage);
      await stage.chat.act('What is a meadow?', /Rename|重命名/);
    },
  },
  {
    name: 'delete',
    async arrange({ chat }) {
      await chat.ask('What is a meadow?');
    },
    async show(stage) {
      await openDrawer(stage);
      await stage.chat.act('What is a meadow?', /Delete|删除/);
      await expect(stage.page.getByRole('dialog')).toBeVisible();
    },
  },
  { name: 'drawer', narrow: true, arrange: fillHistory, show: openDrawer },
];
