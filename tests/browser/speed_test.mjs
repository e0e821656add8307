// Public pages on a weak phone and a slow line: 400 kbps, 400 ms, a processor six times slower. At most 100 KB at first
// view, and the largest thing on the screen is there within 2.5 seconds.
import assert from "node:assert/strict";
import {after, before, test} from "node:test";
import {openBrowser} from "./archive.mjs";
import {StockedArchive} from "./stocked_archive.mjs";

const mostBytes = 100_000;
const mostMilliseconds = 2500;
const archive = new StockedArchive();
let browser;

before(async () => {
  await archive.stock();
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await archive.remove();
});

const measure = async (path) => {
  const context = await browser.newContext({viewport: {width: 360, height: 720}, locale: "vi-VN"});
  const page = await context.newPage();
  const line = await context.newCDPSession(page);
  await line.send("Network.enable");
  await line.send("Network.emulateNetworkConditions",
    {offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 50_000});
  await line.send("Emulation.setCPUThrottlingRate", {rate: 6});
  let bytes = 0;
  line.on("Network.loadingFinished", ({encodedDataLength}) => (bytes += encodedDataLength));
  await page.goto(archive.address + path, {waitUntil: "load"});
  await page.waitForLoadState("networkidle");
  const largest = await page.evaluate(() => new Promise((resolve) => {
    new PerformanceObserver((list) => resolve(list.getEntries().at(-1).startTime))
      .observe({type: "largest-contentful-paint", buffered: true});
  }));
  await context.close();
  return {bytes, largest};
};

test("public pages are light and quick", async (context) => {
  for (const [name, path] of [["front", "/"], ["search", "/search?q=cong+nhan"], ["material, text", `/m/${archive.paper}`],
                              ["material, pages", `/m/${archive.pages}`], ["material, photo", `/m/${archive.photo}`],
                              ["kit", `/kit/${archive.kit}`], ["units", "/units"], ["call", `/call/${archive.call}`]]) {
    const {bytes, largest} = await measure(path);
    context.diagnostic(`${name}: ${bytes} bytes, largest paint after ${Math.round(largest)} ms`);
    assert.ok(bytes <= mostBytes, `${name}: ${bytes} bytes`);
    assert.ok(largest <= mostMilliseconds, `${name}: ${largest} ms`);
  }
});
