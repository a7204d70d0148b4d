// Files for tests, and ways to hand them to a page.

import type { Page } from '@playwright/test';

/** A red picture of 8 × 8 pixels. */
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR4nGO44GCAFTEMLQkAaplQARqfGIQAAAAASUVORK5CYII=';

export const PICTURE = { name: 'meadow.png', mimeType: 'image/png', buffer: Buffer.from(PNG, 'base64') };
export const NOTES = { name: 'notes.md', mimeType: 'text/markdown', buffer: Buffer.from('# Notes\n\nBuy milk.\n') };
export const PROGRAM = { name: 'setup.exe', mimeType: 'application/octet-stream', buffer: Buffer.from([0x4d, 0x5a, 0x90, 0, 3, 0, 0, 0, 4, 0, 0, 0, 0xff, 0xff]) };

/** A PDF of one page; the text is optional, as on a scanned page. */
export function pdf(name: string, text?: string): typeof PICTURE {
  const content = text ? `BT /F1 12 Tf 72 700 Td (${text}) Tj ET` : '';
  const objects = [
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>',
    `<</Length ${content.length}>>\nstream\n${content}\nendstream`,
    '<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>',
  ];
  let file = '%PDF-1.4\n';
  const starts = objects.map((object, at) => {
    const start = file.length;
    file += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return start;
  });
  const table = starts.map((start) => `${String(start).padStart(10, '0')} 00000 n \n`).join('');
  file += `xref\n0 6\n0000000000 65535 f \n${table}trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n${file.length}\n%%EOF\n`;
  return { name, mimeType: 'application/pdf', buffer: Buffer.from(file, 'latin1') };
}

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
