// Opens a report in headless Chromium, uses its filters, and fails on a console message, a request, or a wrong list.
//
//   node --experimental-websocket src/test/node/check_report.js output/RUN/report.html [FOLDER]
//
// FOLDER gets screenshots: light, dark and narrow. Needs Node 20 and chromium; ran with Node 20.20, Chromium 156.
'use strict';
const {spawn} = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');

const page = 'file://' + path.resolve(process.argv[2]);
const folder = process.argv[3];
const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'report-'));
const chromium = spawn('chromium', ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync', `--user-data-dir=${profile}`,
  '--remote-debugging-port=0', 'about:blank'], {stdio: ['ignore', 'ignore', 'pipe']});
const faults = [];
const pause = ms => new Promise(resolve => setTimeout(resolve, ms));

function browser() {
  return new Promise((resolve, reject) => {
    let log = '';
    chromium.on('exit', code => reject(new Error(`chromium ended with ${code}`)));
    chromium.stderr.on('data', data => {
      log += data;
      const found = /DevTools listening on ws:\/\/([^/]+)/.exec(log);
      if (found) resolve(found[1]);
    });
  });
}

async function connect() {
  const targets = await (await fetch(`http://${await browser()}/json/list`)).json();
  const socket = new WebSocket(targets.find(target => target.type === 'page').webSocketDebuggerUrl);
  await new Promise(resolve => { socket.onopen = resolve; });
  const waiting = new Map();
  let count = 0;
  socket.onmessage = ({data}) => {
    const {id, method, params, result} = JSON.parse(data);
    if (id) waiting.get(id)(result);
    if (method === 'Network.requestWillBeSent' && params.request.url !== page && !params.request.url.startsWith('data:')) {
      faults.push(`request: ${params.request.url}`);
    }
    if (method === 'Log.entryAdded') faults.push(`console: ${params.entry.text}`);
    if (method === 'Runtime.consoleAPICalled') faults.push(`console: ${JSON.stringify(params.args)}`);
    if (method === 'Runtime.exceptionThrown') faults.push(`exception: ${JSON.stringify(params.exceptionDetails)}`);
  };
  return (method, params = {}) => new Promise(resolve => {
    waiting.set(++count, resolve);
    socket.send(JSON.stringify({id: count, method, params}));
  });
}

/** Runs in the page; gives back what is wrong. */
async function useFilters() {
  const {metrics, groups, items} = JSON.parse(document.getElementById('items').textContent);
  const form = document.getElementById('filters'), fields = form.elements, wrong = [];
  const turn = () => new Promise(resolve => setTimeout(resolve, 20));
  const set = (field, value) => { field.value = value; field.dispatchEvent(new Event('input', {bubbles: true})); };
  const count = () => Number(document.getElementById('count').textContent.split(' ')[0]);
  const expect = (what, found, wanted) => { if (found !== wanted) wrong.push(`${what}: ${found}, expected ${wanted}`); };
  const reset = async () => { form.querySelector('[type=reset]').click(); await turn(); };

  expect('all', count(), items.length);
  expect('broken images', [...document.images].filter(image => !image.naturalWidth).length, 0);
  const word = items[0][1].split(' ')[0].toLowerCase();
  set(fields.search, word);
  expect('search', count(), items.filter(item =>
    [item[0], item[1], ...item[2], item[3]].some(text => text.toLowerCase().includes(word))).length);
  set(fields.search, 'no text has this');
  expect('none', count(), 0);
  expect('cards of none', document.querySelectorAll('.card:not([hidden])').length, 0);
  await reset();
  metrics.forEach((metric, m) => {
    set(fields.metric, metric);
    set(fields.least, '0.2');
    set(fields.most, '0.9');
    expect(`range of ${metric}`, count(), items.filter(item => item[4][m] >= 0.2 && item[4][m] <= 0.9).length);
  });
  await reset();
  for (const choice of form.querySelectorAll('[data-group]')) {
    const value = choice.options[choice.options.length - 1].value, g = groups.indexOf(choice.dataset.group);
    set(choice, value);
    expect(`${choice.dataset.group} ${value}`, count(), items.filter(item => item[5][g] === value).length);
    await reset();
  }
  document.querySelector(`#list th[data-sort="${metrics[0]}"] button`).click();
  const shown = [...document.querySelectorAll('#list tbody tr')].map(row => Number(row.children[3].textContent));
  expect('order', shown.every((score, i) => i === 0 || score <= shown[i - 1]), true);
  expect('aria-sort', document.querySelector('#list [aria-sort]').getAttribute('aria-sort'), 'descending');
  await reset();
  return wrong;
}

async function main() {
  const send = await connect();
  for (const domain of ['Network', 'Log', 'Runtime', 'Page']) await send(`${domain}.enable`);
  await send('Page.navigate', {url: page});
  await pause(1500);
  for (const [name, width, scheme] of [['light', 1200, 'light'], ['dark', 1200, 'dark'], ['narrow', 400, 'light']]) {
    await send('Emulation.setDeviceMetricsOverride', {width, height: 900, deviceScaleFactor: 1, mobile: false});
    await send('Emulation.setEmulatedMedia', {features: [{name: 'prefers-color-scheme', value: scheme}]});
    await pause(300);
    const {cssContentSize} = await send('Page.getLayoutMetrics');
    if (cssContentSize.width > width) faults.push(`${name}: ${cssContentSize.width} px wide, expected ${width}`);
    if (folder) {
      const clip = {x: 0, y: 0, width, height: Math.min(9000, cssContentSize.height), scale: 1};
      const {data} = await send('Page.captureScreenshot', {captureBeyondViewport: true, clip});
      fs.writeFileSync(path.join(folder, `report_${name}.png`), Buffer.from(data, 'base64'));
    }
  }
  const expression = `document.getElementById('items') ? (${useFilters})() : []`;
  const {result, exceptionDetails} = await send('Runtime.evaluate', {expression, awaitPromise: true, returnByValue: true});
  faults.push(...exceptionDetails ? [JSON.stringify(exceptionDetails)] : result.value);
}

main().catch(error => faults.push(String(error))).finally(() => {
  chromium.removeAllListeners('exit');
  chromium.once('exit', async () => {
    await pause(500); // its children still write
    await fs.promises.rm(profile, {recursive: true, force: true, maxRetries: 10});
    console.log(faults.length === 0 ? `${page}: no console message, no request, filters work` : faults.join('\n'));
    process.exit(faults.length === 0 ? 0 : 1);
  });
  chromium.kill();
});
