// The main job as a person does it, on a phone and on a desk: find without tone marks, see the hit on the page,
// sign in, hand in a scan, find it by what stands on it, and take away the same bytes.
import assert from "node:assert/strict";
import {createHash} from "node:crypto";
import {readFileSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {after, before, test} from "node:test";
import {Archive, corpus, makeScan, openBrowser, pictures} from "./archive.mjs";

const password = "một mật khẩu thật dài";
const sizes = [
  {name: "phone", width: 360, height: 720, words: "hoa phượng", scan: "tờ trình về vườn hoa phượng đỏ trước nhà văn hóa"},
  {name: "desk", width: 1280, height: 900, words: "thuyền buồm", scan: "biên bản về hội thi thuyền buồm của đoàn viên trẻ"},
];
const readingTakes = 120_000;

const archive = new Archive();
let browser;

before(async () => {
  await archive.run(["ingest", join(corpus, "thong-bao.pdf"), "--visibility", "public", "--json"]);
  const names = join(archive.folder, "ten-dai.txt");
  writeFileSync(names, "doi,don_vi,nguoi_thi,phan_thi_manh,phan_thi_hat_mua_xuan\n\nHội thi hát múa xuân\n");
  await archive.run(["ingest", names, "--visibility", "public", "--json"]);
  const units = JSON.parse(await archive.run(["unit", "list", "--json"]));
  await archive.run(["user", "add", "lan", "--unit", units.units[0].code, "--role", "archivist", "--password-stdin"],
    password);
  await archive.serve();
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await archive.remove();
});

/** A tab of its own whose faults are gathered. */
const openTab = async ({width, height}, more = {}) => {
  const context = await browser.newContext({viewport: {width, height}, locale: "vi-VN", ...more});
  const page = await context.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  return {context, page, faults};
};

const searchFor = async (page, query) => {
  await page.goto(archive.address + "/");
  await page.fill("main input[name=q], header input[name=q]", query);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/search?**");
};

const fitsTheWindow = async (page) => {
  const width = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(width <= 0, `the page ${page.url()} is ${width} px wider than the window`);
};

/** A box stands on the picture of the page, within it, and the picture has loaded. */
const seesTheHit = async (page) => {
  const picture = page.locator("#page img");
  await picture.scrollIntoViewIfNeeded();
  await page.waitForFunction(() => {
    const image = document.querySelector("#page img");
    return image && image.complete && image.naturalWidth > 0;
  });
  const sheet = await picture.boundingBox();
  const boxes = await page.locator("#page rect.box").all();
  assert.ok(boxes.length > 0, "no box on the page picture");
  for (const one of boxes) {
    const box = await one.boundingBox();
    assert.ok(box.width > 2 && box.height > 2, "the box can be seen");
    assert.ok(box.x >= sheet.x - 1 && box.y >= sheet.y - 1 && box.x + box.width <= sheet.x + sheet.width + 1 &&
      box.y + box.height <= sheet.y + sheet.height + 1, "the box stands on the picture");
  }
};

const openFirstHit = async (page) => {
  await page.click(".hits h2 a");
  await page.waitForURL("**/m/**");
};

for (const size of sizes) {
  test(`${size.name}: a query without tone marks finds the notice and shows the place on its page`, async () => {
    const {context, page, faults} = await openTab(size);
    await searchFor(page, "nguoi phat ngon");
    assert.match(await page.locator(".hits").innerText(), /phát ngôn/i);
    assert.ok(await page.locator(".hits mark").count() > 0, "the hit is marked in the passage");
    await fitsTheWindow(page);
    await page.screenshot({path: join(pictures, `search-${size.name}.png`)});
    await openFirstHit(page);
    await seesTheHit(page);
    await fitsTheWindow(page);
    await page.screenshot({path: join(pictures, `material-${size.name}.png`), fullPage: true});
    assert.deepEqual(faults, []);
    await context.close();
  });

  test(`${size.name}: a scan is handed in, found by its words and comes back byte for byte`, async () => {
    const scan = await makeScan(browser, ["VĂN BẢN MẪU", `Đây là ${size.scan}.`,
      "Đoàn viên và người lao động gửi ý kiến về công đoàn cơ sở trước ngày 15 tháng 4."]);
    const digest = createHash("sha256").update(scan).digest("hex");
    const {context, page, faults} = await openTab(size, {acceptDownloads: true});

    await page.goto(archive.address + "/sign-in?next=/upload");
    await page.fill("#name", "lan");
    await page.fill("#password", password);
    await page.click("main form button");
    await page.waitForURL("**/upload");
    await fitsTheWindow(page);

    await page.setInputFiles("#files", {name: `Tờ quét ${size.name}.png`, mimeType: "image/png", buffer: scan});
    await page.click("#upload button.main");
    await page.locator("#receipt").click();
    await page.waitForURL("**/batches/**");
    assert.match(await page.locator("table").innerText(), new RegExp(digest.slice(0, 8)));
    await fitsTheWindow(page);

    const end = Date.now() + readingTakes;
    const folded = size.words.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/g, "d");
    for (;;) {
      await searchFor(page, folded);
      if (await page.locator(".hits h2").count()) break;
      assert.ok(Date.now() < end, `“${folded}” was not read in the scan`);
      await page.waitForTimeout(500);
    }
    await openFirstHit(page);
    await seesTheHit(page);
    await fitsTheWindow(page);
    await page.screenshot({path: join(pictures, `scan-${size.name}.png`), fullPage: true});

    const [download] = await Promise.all([page.waitForEvent("download"), page.click("a.main[download]")]);
    assert.equal(createHash("sha256").update(readFileSync(await download.path())).digest("hex"), digest);
    assert.equal(download.suggestedFilename(), `Tờ quét ${size.name}.png`.normalize("NFC"));
    assert.deepEqual(faults, []);
    await context.close();
  });

  test(`${size.name}: without scripts, search, reading and sign-in work all the same`, async () => {
    const {context, page} = await openTab(size, {javaScriptEnabled: false});
    await searchFor(page, "phat ngon");
    await openFirstHit(page);
    assert.ok(await page.locator("#page rect.box").count() > 0);
    await page.goto(archive.address + "/sign-in?next=/upload");
    await page.fill("#name", "lan");
    await page.fill("#password", password);
    await page.click("main form button");
    await page.setInputFiles("#files", {name: `ghi-chu-${size.name}.txt`, mimeType: "text/plain",
      buffer: Buffer.from(`Ghi chú nộp không cần script ${size.name}\n`)});
    await page.click("#upload button.main");
    await page.waitForURL("**/batches/**");
    assert.match(await page.locator("table").innerText(), new RegExp(`ghi-chu-${size.name}`));
    await context.close();
  });
}

test("phone: what was deleted leaves a notice and comes back from its history, without scripts", async () => {
  const {context, page} = await openTab(sizes[0], {javaScriptEnabled: false});
  await searchFor(page, "phat ngon");
  await openFirstHit(page);
  const material = page.url().split("?")[0];
  await page.goto(archive.address + "/sign-in?next=" + encodeURIComponent(new URL(material).pathname));
  await page.fill("#name", "lan");
  await page.fill("#password", password);
  await page.click("main form button");
  await page.click("a[href$='/delete']");
  await fitsTheWindow(page);
  await page.screenshot({path: join(pictures, "delete-phone.png"), fullPage: true});
  await page.check("input[value=duplicate]");
  await page.click("main form button");
  await page.waitForURL("**/history?done=removed");
  await fitsTheWindow(page);
  await page.screenshot({path: join(pictures, "history-phone.png"), fullPage: true});

  const stranger = await openTab(sizes[0]);
  assert.equal((await stranger.page.goto(material)).status(), 410);
  assert.match(await stranger.page.locator("main").innerText(), /Trùng với tư liệu khác/);
  await stranger.page.screenshot({path: join(pictures, "deleted-phone.png"), fullPage: true});

  await page.locator("form[action$='/restore'] button").first().click();
  await page.waitForURL("**/history?done=restored");
  assert.equal((await stranger.page.goto(material)).status(), 200);
  await stranger.context.close();
  await context.close();
});

test("a name without blanks and the filters stay within a phone", async () => {
  const {context, page, faults} = await openTab(sizes[0]);
  await searchFor(page, "hat mua");
  assert.match(await page.locator(".hits").innerText(), /doi,don_vi/);
  await fitsTheWindow(page);
  await page.click(".open-filters");
  await fitsTheWindow(page);
  await page.click(".sheet-head .button");
  const heights = await page.locator(".sorts a").evaluateAll((links) => links.map((link) => link.offsetTop));
  assert.equal(new Set(heights).size, 1, "the orders stand on one line");
  await page.click(".hits h2 a");
  await fitsTheWindow(page);
  assert.deepEqual(faults, []);
  await context.close();
});

test("the link of a material is copied with a script and stands there without", async () => {
  const {context, page, faults} = await openTab(sizes[1], {permissions: ["clipboard-read", "clipboard-write"]});
  await searchFor(page, "nguoi phat ngon");
  await openFirstHit(page);
  const link = await page.getAttribute("[data-share]", "href");
  assert.equal(link, page.url().split("?")[0]);
  await page.click("[data-share]");
  await page.locator("#said:not(:empty)").waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), link);
  assert.deepEqual(faults, []);
  await context.close();

  const plain = await openTab(sizes[1], {javaScriptEnabled: false});
  await plain.page.goto(link);
  assert.equal(await plain.page.locator("noscript code").innerText(), link);
  assert.equal(await plain.page.locator("[data-share]").isVisible(), false);
  await plain.context.close();
});

test("someone who is not signed in does not find what is for one unit", async () => {
  const {context, page} = await openTab(sizes[1]);
  await page.goto(archive.address + "/search?q=" + encodeURIComponent("công đoàn cơ sở"));
  const text = await page.locator("main").innerText();
  assert.doesNotMatch(text, /Tờ quét/);
  await context.close();
});
