// The page object of the chat page: finds elements by roles and names.

import { expect, type Locator, type Page } from '@playwright/test';

import { MODELS } from './mock';

/** The chat page, in either language. */
export class Chat {
  readonly composer: Locator;
  readonly send: Locator;
  readonly stop: Locator;
  /** The scrolling list of messages. */
  readonly thread: Locator;
  /** The user's messages. */
  readonly questions: Locator;
  /** The model's replies. */
  readonly replies: Locator;
  readonly sidebar: Locator;
  readonly search: Locator;
  /** The queued messages. */
  readonly queue: Locator;

  constructor(readonly page: Page) {
    this.composer = page.getByRole('textbox', { name: /^(Message|消息)$/ });
    this.send = page.getByRole('button', { name: /^(Send|发送)$/ });
    this.stop = page.getByRole('button', { name: /^(Stop|停止)$/ });
    this.thread = page.getByRole('log', { name: /^(Messages|消息)$/ });
    this.questions = this.thread.getByRole('article', { name: /^(You|你)$/ });
    this.replies = this.thread.getByRole('article', { name: /^(Assistant|助手)/ });
    this.sidebar = page.getByRole('navigation', { name: /^(Conversations|会话列表)$/ });
    this.queue = page.getByRole('list', { name: /^(Queued|已排队)$/ }).getByRole('listitem');
    this.search = this.sidebar.getByRole('textbox', { name: /^(Search conversations|搜索会话)$/ });
  }

  get lastReply(): Locator {
    return this.replies.last();
  }

  /** The title of a conversation in the sidebar. */
  entry(title: string): Locator {
    return this.sidebar.getByRole('link', { name: title, exact: true });
  }

  get picker(): Locator {
    return this.page.getByRole('button', { name: /^(Model: |模型：)/ });
  }

  /** Chooses the model. */
  async choose(model: keyof typeof MODELS): Promise<void> {
    const picker = this.picker;
    if ((await picker.innerText()) === MODELS[model]) return;
    await picker.click();
    await this.model(MODELS[model]).click();
    await expect(picker).toHaveText(MODELS[model]);
  }

  /** The panel of the model picker. */
  get models(): Locator {
    return this.page.getByRole('dialog', { name: /^(Choose a model|选择模型)$/ });
  }

  /** A model in the picker, by its whole name: a short name may begin a longer one. */
  model(name: string): Locator {
    return this.models.getByRole('row').filter({ has: this.page.getByText(name, { exact: true }) });
  }

  /** The search field of the model picker. */
  get modelSearch(): Locator {
    return this.models.getByRole('combobox', { name: /^(Search models|搜索模型)$/ });
  }

  /** Opens the settings of the conversation. */
  async openSettings(): Promise<Locator> {
    await this.settingsButton.click();
    const panel = this.page.getByRole('dialog', { name: /^(Chat settings|会话设置)$/ });
    await expect(panel).toBeVisible();
    return panel;
  }

  get settingsButton(): Locator {
    return this.page.getByRole('button', { name: /^(Chat settings|会话设置)/ });
  }

  /** Chooses models that answer in parallel. */
  async compareWith(...models: (keyof typeof MODELS)[]): Promise<void> {
    await this.picker.click();
    await this.page.getByRole('button', { name: /^(Compare with…|同时问其他模型…)/ }).click();
    for (const model of models) {
      await this.model(MODELS[model]).click();
      await expect(this.model(MODELS[model])).toHaveAttribute('aria-selected', 'true');
    }
    await this.page.keyboard.press('Escape');
    await expect(this.picker).toContainText(`+${models.length}`);
  }

  /** Presses an action of a message. */
  async do(message: Locator, action: string | RegExp): Promise<void> {
    await message.hover();
    await message.getByRole('button', { name: action, exact: true }).click();
  }

  /** Chooses a menu item of a message. */
  async take(message: Locator, menu: string | RegExp, item: string | RegExp): Promise<void> {
    await this.do(message, menu);
    await this.page.getByRole('menuitem', { name: item }).click();
  }

  /** The arrows between the versions of a message. */
  versions(message: Locator): { text: Locator; previous: Locator; next: Locator } {
    return {
      text: message.getByText(/^\d+\/\d+$/),
      previous: message.getByRole('button', { name: /^(Previous version|上一个版本)$/ }),
      next: message.getByRole('button', { name: /^(Next version|下一个版本)$/ }),
    };
  }

  /** Sends a message with Enter. */
  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press('Enter');
    await expect(this.questions.last()).toContainText(text.slice(0, 60).split('\n')[0]);
  }

  /** Sends a message and waits for the complete reply. */
  async ask(text: string, model: keyof typeof MODELS = 'quick'): Promise<void> {
    await this.choose(model);
    await this.say(text);
    await this.finished();
  }

  /** Waits until no reply is being written. */
  async finished(): Promise<void> {
    await expect(this.send).toBeVisible();
    await expect(this.lastReply).not.toHaveAttribute('aria-busy');
  }

  /** Waits for so many numbered tokens. */
  async arrived(token: number): Promise<void> {
    await expect(this.lastReply).toContainText(`t${token}`);
  }

  /** The number of tokens in the last reply right now. */
  async tokens(): Promise<string> {
    return this.lastReply.getByRole('paragraph').first().innerText();
  }

  async newConversation(): Promise<void> {
    // In a narrow window the sidebar is hidden, and the top bar has the button.
    await this.page.getByRole('button', { name: /^(New chat|新会话)$/ }).filter({ visible: true }).first().click();
    await expect(this.greeting).toBeVisible();
  }

  get greeting(): Locator {
    return this.page.getByRole('heading', { name: /^(What’s on your mind\?|今天想聊点什么？)$/ });
  }

  /** Opens the menu of a conversation. */
  async openMenu(title: string): Promise<void> {
    await this.entry(title).hover();
    await this.sidebar.getByRole('button', { name: `“${title}”` }).click();
  }

  /** Opens the menu of a conversation and chooses an item. */
  async act(title: string, action: string | RegExp): Promise<void> {
    await this.openMenu(title);
    await this.page.getByRole('menuitem', { name: action }).click();
  }

  async openAccountMenu(): Promise<void> {
    await this.sidebar.getByRole('button', { name: /^(Account|账号)/ }).click();
  }

  /** Chooses an item of the account menu. */
  async account(item: string): Promise<void> {
    await this.openAccountMenu();
    await this.page.getByRole('menu').getByText(item, { exact: true }).click();
  }
}
