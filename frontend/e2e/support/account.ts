// Accounts that are created through the API.

import { randomInt } from 'node:crypto';

import { type APIRequestContext, expect } from '@playwright/test';

/** Credentials. */
export interface Account {
  name: string;
  password: string;
}

let count = 0;

/** Unique credentials. */
export function newAccount(): Account {
  count += 1;
  return { name: `reader-${process.pid}-${count}`, password: 'a quiet place to think' };
}

/** Creates the account and signs the browser in. */
export async function register(request: APIRequestContext, origin: string, account: Account): Promise<void> {
  const response = await request.post(`${origin}/api/auth/register`, {
    data: { username: account.name, password: account.password },
    // Attempts are limited by address, and tests must not wait for each other.
    headers: { 'X-Forwarded-For': `198.51.${randomInt(256)}.${randomInt(256)}` },
  });
  expect(response.status()).toBe(201);
}
