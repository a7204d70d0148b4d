// Code in a frame cannot access the parent page, store data or use the network.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

import type { Page } from '@playwright/test';

import { expect, test } from '../support/fixtures';

/** A listener outside: whatever reaches it has escaped. */
async function outside() {
  const reached: string[] = [];
  const tcp = createServer((socket) => {
    reached.push('a connection');
    socket.on('data', (data) => reached.push(data.toString().split('\r\n')[0]));
    socket.on('error', () => {});
    socket.end('HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 0\r\n\r\n');
  });
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const { port } = tcp.address() as AddressInfo;
  const udp = createSocket('udp4').on('message', () => reached.push('a datagram'));
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');
  return { reached, address: `http://127.0.0.1:${port}`, port, close: () => (tcp.close(), udp.close()) };
}

/** Shows HTML as the client does, and returns what the frame reports until `done` appears. */
async function run(page: Page, html: string): Promise<string[]> {
  return page.evaluate(async (content) => {
    const frame = document.createElement('iframe');
    frame.setAttribute('sandbox', 'allow-scripts');
    frame.src = '/frame';
    document.body.append(frame);
    await new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }));
    const { port1, port2 } = new MessageChannel();
    const reports: string[] = [];
    const done = new Promise<void>((resolve) => {
      port1.onmessage = ({ data: { kind, detail } }) => {
        if (kind !== 'height') reports.push(`${kind} ${detail}`);
        if (detail === 'done') resolve();
      };
    });
    frame.contentWindow?.postMessage(content, '*', [port2]);
    await done;
    return reports;
  }, html);
}

/** A document whose script reports with `say`, and ends. */
const script = (code: string) => `<!doctype html><p id=p>Hi</p><script>
  const say = (text) => console.error(text);
  const tried = async (name, act) => { try { say(name + ': ' + (await act())); } catch (error) { say(name + ': refused'); } };
  (async () => { ${code}; await new Promise((later) => setTimeout(later, 500)); say('done'); })();
</script>`;

test.beforeEach(async ({ chat, watch }) => {
  await expect(chat.composer).toBeVisible();
  // Everything that is refused is also logged by the browser.
  watch.expect(/127\.0\.0\.1|about:|\/frame|olicy|missing|late|alert/);
});

test('content runs, and its errors are reported', async ({ page }) => {
  const reports = await run(page, script(`
    say(document.querySelector('#p').textContent);
    setTimeout(() => missing());
    Promise.reject(new Error('late'));
    await new Promise((later) => setTimeout(later, 50));
    say(new Function('return 1 + 1')());
  `));
  expect(reports).toEqual(expect.arrayContaining(['error Hi', 'error Uncaught ReferenceError: missing is not defined', 'error late', 'error 2']));
});

test('content has no origin, no storage, and no way to the page', async ({ page }) => {
  await page.evaluate(() => { document.cookie = 'secret=1'; localStorage.setItem('secret', '1'); });
  const reports = await run(page, script(`
    say('origin ' + self.origin);
    await tried('cookie', () => document.cookie);
    await tried('localStorage', () => localStorage.secret);
    await tried('sessionStorage', () => sessionStorage.length);
    await tried('indexedDB', () => new Promise((yes, no) => { const open = indexedDB.open('x'); open.onsuccess = () => yes('open'); open.onerror = no; }));
    await tried('caches', () => caches.keys());
    await tried('parent', () => parent.document.title);
    await tried('parent storage', () => parent.localStorage.secret);
    await tried('top', () => top.document.cookie);
    await tried('frameElement', () => String(window.frameElement));
    await tried('opener', () => String(window.opener));
    await tried('broadcast', () => new BroadcastChannel('kaiwa') && 'own');
    await tried('service worker', () => navigator.serviceWorker.register('/x.js'));
    await tried('worker', () => new Promise((yes, no) => { const one = new Worker('data:text/javascript,postMessage(1)'); one.onmessage = () => yes('ran'); one.onerror = no; }));
    await tried('alert', () => String(alert('x')));
    await tried('clipboard', () => navigator.clipboard.readText());
    await tried('camera', () => navigator.mediaDevices.getUserMedia({ video: true }));
    await tried('location', () => new Promise((yes, no) => navigator.geolocation.getCurrentPosition(() => yes('known'), no)));
  `));
  expect(reports.filter((report) => report.startsWith('error'))).toEqual([
    'error origin null', 'error cookie: refused', 'error localStorage: refused', 'error sessionStorage: refused', 'error indexedDB: refused',
    'error caches: refused', 'error parent: refused', 'error parent storage: refused', 'error top: refused', 'error frameElement: null',
    'error opener: null', 'error broadcast: own', 'error service worker: refused', 'error worker: refused', 'error alert: undefined',
    'error clipboard: refused', 'error camera: refused', 'error location: refused', 'error done',
  ]);
});

test('content sends nothing', async ({ page }) => {
  const { reached, address, port, close } = await outside();
  const reports = await run(page, script(`
    const at = (name) => '${address}/' + name;
    const add = (tag, attributes) => document.body.append(Object.assign(document.createElement(tag), attributes));
    await tried('fetch', () => fetch(at('fetch')));
    await tried('fetch without cors', () => fetch(at('nocors'), { mode: 'no-cors' }));
    await tried('own server', () => fetch('/api/auth/me'));
    await tried('request', () => new Promise((yes, no) => { const request = new XMLHttpRequest(); request.open('GET', at('xhr')); request.onload = yes; request.onerror = no; request.send(); }));
    await tried('beacon', () => navigator.sendBeacon(at('beacon'), 'x') || 'queued');
    await tried('socket', () => new Promise((yes, no) => { const socket = new WebSocket('ws://127.0.0.1:${port}/'); socket.onopen = yes; socket.onerror = no; }));
    await tried('events', () => new Promise((yes, no) => { const source = new EventSource(at('events')); source.onopen = yes; source.onerror = no; }));
    await tried('module', () => import(at('module.js')));
    await tried('transport', async () => { const transport = new WebTransport('https://127.0.0.1:${port}/'); await transport.ready; });
    await tried('peer', async () => { const peer = new RTCPeerConnection({ iceServers: [{ urls: 'stun:127.0.0.1:${port}' }] }); peer.createDataChannel('x'); await peer.setLocalDescription(await peer.createOffer()); return 'asked'; });
    await tried('peer of a frame', async () => {
      const inner = document.createElement('iframe'); document.body.append(inner);
      const peer = new inner.contentWindow.RTCPeerConnection({ iceServers: [{ urls: 'stun:127.0.0.1:${port}' }] }); peer.createDataChannel('x'); await peer.setLocalDescription(await peer.createOffer()); return 'asked';
    });
    const peer = '<script>const peer = new RTCPeerConnection({ iceServers: [{ urls: "stun:127.0.0.1:${port}" }] }); peer.createDataChannel("x"); peer.createOffer().then((offer) => peer.setLocalDescription(offer))<' + '/script>';
    add('iframe', { srcdoc: peer });
    Object.assign(document.body.appendChild(document.createElement('div')).attachShadow({ mode: 'closed' }).appendChild(document.createElement('iframe')), { srcdoc: peer });
    const frame = Object.assign(document.createElement('iframe'), { srcdoc: peer }); Element.prototype.remove = () => {}; document.body.append(frame);
    document.body.insertAdjacentHTML('beforeend', '<object type="text/html" data="data:text/html,' + peer + '"></object>');
    add('img', { src: at('img') }); add('img', { srcset: at('srcset') + ' 1x' }); add('script', { src: at('script') });
    add('iframe', { src: at('iframe') }); add('iframe', { srcdoc: '<img src=' + at('srcdoc') + '>' }); add('object', { data: at('object') }); add('embed', { src: at('embed') });
    add('video', { src: at('video'), poster: at('poster') }); add('audio', { src: at('audio') });
    for (const rel of ['stylesheet', 'prefetch', 'preload', 'modulepreload', 'icon', 'manifest', 'prerender']) add('link', { rel, href: at('link-' + rel), as: 'image' });
    add('style', { textContent: '@import "' + at('import') + '"; @font-face { font-family: x; src: url(' + at('font') + '); } body { font-family: x; background: url(' + at('css') + '); }' });
    add('script', { type: 'speculationrules', textContent: JSON.stringify({ prefetch: [{ source: 'list', urls: [at('speculation')] }], prerender: [{ source: 'list', urls: [at('prerender')] }] }) });
    document.body.insertAdjacentHTML('beforeend', '<svg><image href="' + at('svg') + '"/><use href="' + at('use') + '#a"/></svg><math href="' + at('math') + '">x</math><a id=ping href="#x" ping="' + at('ping') + '">x</a><meta http-equiv=refresh content="0;url=#y">');
    document.querySelector('#ping').click();
    new Image().src = at('image'); await tried('paint', () => CSS.paintWorklet ? CSS.paintWorklet.addModule(at('worklet')) : Promise.reject());
    const form = Object.assign(document.createElement('form'), { action: at('form'), method: 'post' }); document.body.append(form); form.submit();
    await tried('window', () => String(window.open(at('window'))));
    const blank = Object.assign(document.createElement('a'), { href: at('blank'), target: '_blank' }); document.body.append(blank); blank.click();
    const saved = Object.assign(document.createElement('a'), { href: 'data:text/plain,x', download: 'x.txt' }); document.body.append(saved); saved.click();
    await tried('top', () => { top.location = at('top'); return 'assigned'; });
    await tried('parent', () => { parent.location.replace(at('parent')); return 'assigned'; });
  `));
  for (const name of ['fetch', 'fetch without cors', 'own server', 'request', 'socket', 'events', 'module', 'transport', 'paint']) {
    expect(reports).toContain(`error ${name}: refused`);
  }
  expect(reports).toContain('error window: null');
  await page.waitForTimeout(700);
  expect(reached).toEqual([]);
  expect(new URL(page.url()).pathname).toBe('/');
  expect(page.context().pages()).toHaveLength(1);
  // It would have heard them.
  await fetch(`${address}/control`);
  expect(reached).toContain('a connection');
  close();
});

const WAYS_OUT: [string, (to: string) => string][] = [
  ['location', (to) => `<script>location = '${to}'</script>`],
  ['replace', (to) => `<script>location.replace('${to}')</script>`],
  ['a refresh', (to) => `<meta http-equiv="refresh" content="0;url=${to}">`],
  ['a link', (to) => `<a id=a href="${to}">x</a><script>const a = document.querySelector('a'); a.dispatchEvent(new MouseEvent('click'))</script>`],
  ['a form', (to) => `<form action="${to}"><input name=q value=secret></form><script>document.forms[0].submit()</script>`],
  ['the navigation API', (to) => `<script>navigation.navigate('${to}')</script>`],
  ['a script address', (to) => `<script>location = "javascript:location='${to}'"</script>`],
  ['an inner frame', (to) => `<iframe></iframe><script>frames[0].location = '${to}'</script>`],
];

for (const [name, html] of WAYS_OUT) {
  test(`content does not leave by ${name}`, async ({ page }) => {
    const { reached, address, close } = await outside();
    // A frame that is removed no longer reports.
    await Promise.race([run(page, html(`${address}/?secret`)), page.waitForTimeout(700)]);
    expect(reached).toEqual([]);
    expect(new URL(page.url()).pathname).toBe('/');
    close();
  });
}

for (const path of ['/frame', '/frame/diagram', '/frame/picture']) {
  test(`${path} is harmless by itself, and to others`, async ({ page, browser, site, watch }) => {
    watch.expect(/.*/);
    // A document with a sandbox is not opened where the opener would be isolated, or it has no origin.
    const alone = await page.context().newPage();
    const opened = await alone.goto(path).then(() => alone.evaluate(() => self.origin), () => 'not opened');
    expect(['null', 'not opened']).toContain(opened);
    // Another site.
    const other = await (await browser.newContext()).newPage();
    await other.setContent(`<iframe src="${site.origin}${path}"></iframe>`);
    await expect.poll(() => other.frames().map((frame) => frame.url()).at(-1)).toMatch(/^chrome-error:/);
    await other.context().close();
  });
}
