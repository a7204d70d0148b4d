// Accounts, made without the page where the page is not what a test is about.

import { randomInt } from 'node:crypto';

import { type APIRequestContext, expect } from '@playwright/test';

/** What a reader types to sign in. */
export interface Account {
  name: string;
  password: string;
}

let count = 0;

/** An account that nobody has. */
export function newAccount(): Account {
  count += 1;
  return { name: `reader-${process.pid}-${count}`, password: 'a quiet place to think' };
}

/** Makes the account and signs the browser in. */
export async function register(request: APIRequestContext, origin: string, account: Account): Promise<void> {
  const response = await request.post(`${origin}/api/auth/register`, {
    data: { username: account.name, password: account.password },
    // Attempts are limited for each address, and a test must not wait for the one before it.
    headers: { 'X-Forwarded-For': `198.51.${randomInt(256)}.${randomInt(256)}` },
  });
  expect(response.status()).toBe(201);
}
