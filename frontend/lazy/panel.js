// What the panel beside a conversation shows.

import { run } from './artifacts.js';
import { draw } from './diagrams.js';

/** Shows a source in `place`, instead of what was there. */
export async function show(place, note, kind, source, title) {
  place.replaceChildren();
  place.dataset.source = source;
  note.hidden = true;
  if (kind !== 'mermaid') {
    run(place, note, { kind, source, title, words: place.dataset });
    return;
  }
  const drawing = await draw(source);
  if (place.dataset.source !== source) return;
  if (!drawing) {
    note.textContent = place.dataset.refused;
    note.hidden = false;
    return;
  }
  const image = document.createElement('img');
  Object.assign(image, { src: drawing.url, width: drawing.width, height: drawing.height, alt: title });
  const zoom = document.createElement('button');
  Object.assign(zoom, { type: 'button', className: 'artifact-zoom', title: place.dataset.zoom, ariaPressed: 'false' });
  zoom.onclick = () => (zoom.ariaPressed = String(zoom.ariaPressed !== 'true'));
  zoom.append(image);
  place.replaceChildren(zoom);
}

/** Saves a text as a file. */
export function save(name, text) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
