// What a scene is, and ways to bring a page into a state.

import { expect, type Page } from '@playwright/test';

import type { Account } from '../account';
import type { Chat } from '../chat';
import type { Site } from '../site';
import type { Watch } from '../watch';

/** The fixtures of a scene. */
export interface Stage {
  page: Page;
  chat: Chat;
  account: Account;
  site: Site;
  watch: Watch;
}

/** One state of one page. */
export interface Scene {
  name: string;
  /** The scene needs its own server. */
  ownSite?: boolean;
  /** Variables of that server. */
  settings?: Record<string, string>;
  /** The scene exists only in narrow windows. */
  narrow?: boolean;
  /** Brings the page into this state. */
  arrange(stage: Stage): Promise<void>;
  /** Reopens what closes when the window is resized. */
  show?(stage: Stage): Promise<void>;
}

/** Headers of a proxy that makes the server believe it was reached under a name that it does not know. */
export const UNKNOWN_ADDRESS = { 'X-Forwarded-Host': 'chat.example.com' };

export const QUESTION = 'How does a web server send a file?';

export async function fillHistory({ chat }: Stage): Promise<void> {
  for (const question of ['Name three quiet trees', '东京有哪些安静的咖啡馆？', 'Why is the sky blue in the morning and red in the evening?']) {
    await chat.ask(question);
    await chat.newConversation();
  }
}

/** In a narrow window the sidebar is a drawer, and the page behind it is inert. */
export async function openDrawer({ page, chat }: Stage): Promise<void> {
  const isClosed = (page.viewportSize()?.width ?? 0) < 768 && (await page.getByRole('banner').count()) > 0;
  if (isClosed) await page.getByRole('banner').getByRole('button').first().click();
  await expect(chat.sidebar).toBeInViewport();
}
