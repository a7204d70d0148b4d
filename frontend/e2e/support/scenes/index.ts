// Every page and state of the client, for screenshots and axe.

import { SCENES as account } from './account';
import { SCENES as artifacts } from './artifacts';
import { SCENES as composer } from './composer';
import { SCENES as reply } from './reply';
import { SCENES as sidebar } from './sidebar';
import type { Scene } from './stage';

export const SCENES: Scene[] = [...account, ...sidebar, ...composer, ...reply, ...artifacts];
