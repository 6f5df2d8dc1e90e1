// Opens a .heapsnapshot file in the Memory panel of a headless Chromium, as a person would: takes a
// picture of the Summary view, and prints as JSON the rows that stand in it.
//
//   node browser_summary.mjs CHROMIUM FILE PICTURE    # Node 22 or newer

import path from 'node:path';

import { Browser, sleep, until } from './browser.mjs';

const WINDOW = { width: 1400, height: 900 };
const PANEL_MS = 60000;
const LOAD_MS = 900000;
const PAINT_MS = 1500;

// The panel is made of nested shadow trees.
const HELPERS = `
  function everything(root) {
    return [...root.querySelectorAll('*')].flatMap((e) => (e.shadowRoot ? [e, ...everything(e.shadowRoot)] : [e]));
  }
  const labelled = (label) => everything(document).find((e) => e.tagName === 'BUTTON' && e.title.startsWith(label));
  const profile = () => everything(document).find((e) => e.classList.contains('heap-snapshot-sidebar-tree-item'));
  const summary = () => everything(document).filter((e) => e.tagName === 'TR'
      && e.classList.contains('data-grid-data-grid-node'));
`;

/** The value of an expression in a page, that may use the helpers. */
function ask(page, expression) {
  return page.evaluate(`(() => {${HELPERS} return ${expression}; })()`);
}

function click(page, element) {
  const events = ['mousedown', 'mouseup', 'click']
      .map((type) => `target.dispatchEvent(new MouseEvent('${type}', { bubbles: true, composed: true, detail: 1 }));`);
  return ask(page, `((target) => { ${events.join(' ')} })(${element})`);
}

async function openMemoryPanel(browser) {
  const inspected = await browser.open('about:blank');
  const address = `localhost:${browser.port}/devtools`;
  const page = await browser.open(
      `http://${address}/js_app.html?ws=${address}/page/${inspected.targetId}&panel=heap-profiler`);
  await until(() => ask(page, `Boolean(labelled('Load profile'))`), PANEL_MS, 'the Memory panel');
  return page;
}

async function loadFile(page, file) {
  await page.call('Page.setInterceptFileChooserDialog', { enabled: true });
  const chooser = page.connection.once('Page.fileChooserOpened');
  await click(page, `labelled('Load profile')`);
  const { backendNodeId } = await chooser;
  await page.call('DOM.setFileInputFiles', { files: [path.resolve(file)], backendNodeId });
  // While it loads, a percentage stands where the size will be.
  await until(() => ask(page, '/B[)]/.test(profile()?.innerText)'), LOAD_MS, 'the snapshot');
  await click(page, 'profile()');
  await until(() => ask(page, 'summary().length > 0'), PANEL_MS, 'the Summary view');
}

/** The text on the screen: constructor and number of objects, distance, shallow and retained size. */
function shownRows(page) {
  return ask(page, `summary().map((row) => [...row.cells].slice(0, 4).map((cell) => cell.innerText.trim()))`);
}

const [program, file, picture] = process.argv.slice(2);
const browser = await Browser.start(program, WINDOW);
try {
  const page = await openMemoryPanel(browser);
  const began = Date.now();
  await loadFile(page, file);
  const seconds = (Date.now() - began) / 1000;
  await sleep(PAINT_MS);
  await page.screenshot(picture);
  console.log(JSON.stringify({ seconds, rows: await shownRows(page) }));
} finally {
  await browser.close();
}
