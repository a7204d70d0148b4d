// Opens the server's sandboxed frames, in which content runs that must not be in the page.

/** How long a frame has to say that it is still there, in milliseconds. */
const PATIENCE = 1_000;

/**
 * A frame in `place` that gets `content` as soon as it is loaded. What it reports is passed to `report`; once it leaves
 * for another address, it is removed and `left` is reported.
 */
export function openFrame(place, { path, title, content, report }) {
  const frame = document.createElement('iframe');
  // The header of the response says the same; where it is ignored, this holds.
  frame.setAttribute('sandbox', 'allow-scripts');
  frame.referrerPolicy = 'no-referrer';
  frame.credentialless = true;
  frame.title = title;
  frame.src = path;
  const { port1, port2 } = new MessageChannel();
  let isLoaded = false;
  let leaving;
  port1.onmessage = ({ data }) => {
    if (data.kind === 'here') clearTimeout(leaving);
    else report(data);
  };
  const close = () => {
    frame.remove();
    port1.close();
    report({ kind: 'left' });
  };
  frame.onload = () => {
    if (isLoaded) {
      // Either the document was written, or another one has replaced it, which does not have the port.
      leaving = setTimeout(close, PATIENCE);
      port1.postMessage('here?');
      return;
    }
    isLoaded = true;
    // The origin of the frame is opaque, so it cannot be named.
    frame.contentWindow.postMessage(content, '*', [port2]);
  };
  place.append(frame);
  return { frame, port: port1 };
}
