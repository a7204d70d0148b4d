// Shows a picture of another server after the user has asked for it: in a frame, because the page itself loads nothing from
// elsewhere.

import { openFrame } from './frames.js';

/** Replaces the button that asks for a picture by the picture. */
export function showPicture(button) {
  const { url, alt, failed } = button.dataset;
  button.disabled = true;
  const place = document.createElement('span');
  place.className = 'md-image-frame';
  const { frame } = openFrame(place, {
    path: '/frame/picture',
    title: alt || url,
    content: { url, alt },
    report({ kind, width, height }) {
      if (kind === 'shown' && width > 0 && height > 0) {
        frame.style.setProperty('inline-size', `${width}px`);
        frame.style.setProperty('aspect-ratio', `${width} / ${height}`);
        place.dataset.mdShown = '';
        button.remove();
      } else if (kind !== 'shown') {
        place.remove();
        button.disabled = false;
        button.firstChild.textContent = failed;
      }
    },
  });
  button.after(place);
}
