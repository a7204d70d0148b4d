// Files for tests, and ways to hand them to a page.

import type { Page } from '@playwright/test';

/** A red picture of 8 × 8 pixels. */
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR4nGO44GCAFTEMLQkAaplQARqfGIQAAAAASUVORK5CYII=';

export const PICTURE = { name: 'meadow.png', mimeType: 'image/png', buffer: Buffer.from(PNG, 'base64') };
export const NOTES = { name: 'notes.md', mimeType: 'text/markdown', buffer: Buffer.from('# Notes\n\nBuy milk.\n') };
export const PROGRAM = { name: 'setup.exe', mimeType: 'application/octet-stream', buffer: Buffer.from([0x4d, 0x5a, 0x90, 0, 3, 0, 0, 0, 4, 0, 0, 0, 0xff, 0xff]) };

/** Hands a picture to the page as the system does. Returns whether the page kept the browser from handling it. */
export async function hand(page: Page, type: 'drop' | 'dragover' | 'paste', also: Record<string, string> = {}): Promise<boolean> {
  return page.evaluate(([type, png, also]) => {
    const data = new DataTransfer();
    const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
    data.items.add(new File([bytes], 'meadow.png', { type: 'image/png' }));
    for (const [kind, text] of Object.entries(also)) data.items.add(text, kind);
    const init = { bubbles: true, cancelable: true };
    const event = type === 'paste'
      ? new ClipboardEvent(type, { ...init, clipboardData: data })
      : new DragEvent(type, { ...init, dataTransfer: data });
    (document.activeElement ?? document.body).dispatchEvent(event);
    return event.defaultPrevented;
  }, [type, PNG, also] as const);
}
