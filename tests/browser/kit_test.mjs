// A press kit is put together: at a desk with the keyboard alone and by drag, on a phone without scripts; the spokesperson
// publishes it and a journalist gets what the preview showed.
import assert from "node:assert/strict";
import {copyFileSync, readFileSync, writeFileSync, appendFileSync} from "node:fs";
import {createRequire} from "node:module";
import {join} from "node:path";
import {after, before, test} from "node:test";
import {Archive, corpus, openBrowser, pictures} from "./archive.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const password = "một mật khẩu thật dài";
const phone = {viewport: {width: 360, height: 720}};
const desk = {viewport: {width: 1280, height: 900}};
const archive = new Archive();
const titles = ["Lễ phát động", "Đội văn nghệ", "Phát biểu khai mạc"];
let browser;
let ids;

before(async () => {
  const table = join(archive.folder, "don-vi.csv");
  writeFileSync(table, "code,name_vi,name_en,parent\nldld-nghe-an,Liên đoàn Lao động tỉnh Nghệ An,Nghe An Federation of Labour,tld\n");
  await archive.run(["unit", "import", table]);
  const files = titles.map((title, at) => {
    const file = join(archive.folder, at < 2 ? `${title}.jpg` : `${title}.txt`);
    if (at < 2) {
      copyFileSync(join(corpus, "anh.jpg"), file);
      appendFileSync(file, String(at));
    } else writeFileSync(file, `${title}\n\nThưa toàn thể đoàn viên.\n`);
    return file;
  });
  const taken = JSON.parse((await archive.run(["ingest", ...files, "--unit", "ldld-nghe-an", "--visibility", "public", "--json"]))
    .trim().split("\n").at(-1));
  ids = titles.map((title) => taken.materials.find(({path}) => path.includes(title)).id);
  for (const [name, role] of [["bien-tap", "editor"], ["phat-ngon", "spokesperson"]])
    await archive.run(["user", "add", name, "--unit", "ldld-nghe-an", "--role", role, "--password-stdin"], password);
  await archive.run(["user", "add", "nha-bao", "--kind", "press", "--password-stdin"], password);
  await archive.serve();
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await archive.remove();
});

const open = async (name, next, options) => {
  const context = await browser.newContext({locale: "vi-VN", timezoneId: "Asia/Ho_Chi_Minh", bypassCSP: true, ...options});
  const page = await context.newPage();
  await page.goto(archive.address + "/sign-in?next=" + encodeURIComponent(next));
  await page.fill("#name", name);
  await page.fill("#password", password);
  await page.keyboard.press("Enter");
  await page.waitForURL((address) => address.pathname !== "/sign-in");
  return {context, page};
};

const rules = {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]};

const look = async (page, name, {scripts = true} = {}) => {
  const width = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(width <= 0, `the page ${page.url()} is ${width} px wider than the window`);
  await page.screenshot({path: join(pictures, name + ".png"), fullPage: true});
  if (!scripts) return;
  await page.evaluate(axe);
  const {violations} = await page.evaluate((wanted) => globalThis.axe.run(wanted), rules);
  assert.deepEqual(violations.map(({id, nodes}) => `${id}: ${nodes[0].html.slice(0, 160)}`), [], name);
};

const tabTo = async (page, selector) => {
  for (let steps = 0; steps < 150; ++steps) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`${selector} is not reached by Tab on ${page.url()}`);
};

const order = (page) => page.locator(".kit-items > li").evaluateAll((rows) => rows.map((row) => row.dataset.title));
const focused = (page) => page.evaluate(() => [document.activeElement.value, document.activeElement.closest("li")?.dataset.title]);
let kit;

test("desk, with the keyboard alone: an editor finds materials, orders them and sees what the press will see", async () => {
  const {context, page} = await open("bien-tap", "/kits", desk);
  await look(page, "kits-desk");
  await tabTo(page, "main .button.main");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/kits/new");
  await tabTo(page, "#title");
  await page.keyboard.type("Họp báo Tháng Công nhân");
  await tabTo(page, "input[value=press]");
  for (const [words, id] of [["phát động", ids[0]], ["văn nghệ", ids[1]], ["khai mạc", ids[2]]]) {
    await tabTo(page, "#find");
    await page.keyboard.press("Control+A");
    await page.keyboard.type(words);
    await page.keyboard.press("Enter");
    await page.waitForSelector(`button[value="add ${id}"]`);
    if (id === ids[1]) await look(page, "kit-found-desk");
    await tabTo(page, `button[value="add ${id}"]`);
    await page.keyboard.press("Enter");
    await page.waitForSelector(`input[name=item][value*="${id}"]`, {state: "attached"});
  }
  const names = await order(page);
  assert.equal(names.length, 3);
  assert.equal(await page.inputValue("#title"), "Họp báo Tháng Công nhân");
  await tabTo(page, 'button[value="up 2"]');
  await page.keyboard.press("Enter");
  assert.deepEqual(await order(page), [names[0], names[2], names[1]]);
  assert.deepEqual(await focused(page), ["up 2", names[2]], "the focus stays with what was moved");
  assert.match(await page.locator("#placed").innerText(), new RegExp(`“${names[2]}” nay ở vị trí 2/3`));
  await page.keyboard.press("Enter");
  assert.deepEqual(await order(page), [names[2], names[0], names[1]]);
  assert.deepEqual(await focused(page), ["down 2", names[2]], "at the top, where Up does nothing any more");
  await tabTo(page, "#caption-2");
  await page.keyboard.type("Chủ tịch phát biểu");
  await tabTo(page, "#release");
  await page.keyboard.type("Tháng Công nhân mở từ ngày 1 tháng 5.");
  await tabTo(page, "button[value=add_quote]");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#quote-0");
  assert.equal(await page.evaluate(() => document.activeElement.id), "quote-0");
  await page.keyboard.type("Không ai bị bỏ lại.");
  await page.keyboard.press("Tab");
  await page.keyboard.type("Chủ tịch công đoàn");
  assert.deepEqual(await order(page), [names[2], names[0], names[1]], "what the script did is what was sent");
  await look(page, "kit-edit-desk");
  await tabTo(page, "button[value=preview]");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/preview");
  kit = page.url().match(/\/kit\/([0-9a-f-]{36})\//)[1];
  await look(page, "kit-preview-desk");
  assert.match(await page.locator("article").innerText(), /Chủ tịch phát biểu/);
  await page.goto(`${archive.address}/kit/${kit}/edit`);
  assert.match(await page.locator("#publish").innerText(), /Chờ người phát ngôn/);
  await context.close();
});

test("desk, by drag: the item goes where the pointer leaves it, and the order is kept", async () => {
  const {context, page} = await open("bien-tap", `/kit/${kit}/edit`, desk);
  const names = await order(page);
  const grip = page.locator(".grip").first();
  await grip.scrollIntoViewIfNeeded();
  const from = await grip.boundingBox();
  const target = await page.locator(".kit-items > li").nth(1).boundingBox();
  await page.mouse.move(from.x + 20, from.y + 20);
  await page.mouse.down();
  await page.mouse.move(from.x + 20, from.y + 80, {steps: 5});
  await page.mouse.move(from.x + 20, target.y + target.height * 0.8, {steps: 10});
  await page.mouse.up();
  const moved = [names[1], names[0], names[2]];
  assert.deepEqual(await order(page), moved);
  assert.match(await page.locator("#placed").innerText(), /nay ở vị trí 2\/3/);
  await page.click("button[value=save]");
  await page.waitForURL("**/edit?done=saved");
  assert.deepEqual(await order(page), moved);
  await context.close();
});

test("phone, without scripts: the spokesperson orders, takes out and publishes; the press gets it", async () => {
  const {context, page} = await open("phat-ngon", `/kit/${kit}/edit`, {...phone, javaScriptEnabled: false});
  const names = await order(page);
  assert.equal(await page.locator(".grip").first().isVisible(), false);
  await page.click('button[value="down 0"]');
  assert.deepEqual(await order(page), [names[1], names[0], names[2]]);
  assert.deepEqual(await focused(page), ["down 1", names[0]]);
  await page.fill("#find", "phát động");
  await page.click(".kit-find button");
  await page.waitForSelector(".kit-found li");
  await look(page, "kit-found-phone", {scripts: false});
  await page.click('button[value="remove 2"]');
  assert.deepEqual(await order(page), [names[1], names[0]]);
  await page.fill("#contact", "Ban Tuyên giáo, 024 3942 1794");
  await look(page, "kit-edit-phone", {scripts: false});
  await page.click("button[value=publish]");
  await page.waitForURL(`**/kit/${kit}`);
  await look(page, "kit-published-phone", {scripts: false});
  const press = await open("nha-bao", "/", desk);
  await press.page.goto(`${archive.address}/kit/${kit}`);
  assert.match(await press.page.locator("article").innerText(), /024 3942 1794/);
  assert.equal((await press.page.goto(`${archive.address}/kit/${kit}/edit`)).status(), 403);
  await press.context.close();
  await context.close();
});

test("in English, on a phone: nothing is in Vietnamese but what people wrote", async () => {
  const {context, page} = await open("bien-tap", `/kit/${kit}/edit`, {...phone, locale: "en-GB"});
  await look(page, "kit-edit-en-phone");
  const words = await page.locator("main").evaluate((main) => {
    for (const own of main.querySelectorAll("[data-title] b, [data-title] .hide, textarea, h1 + p, .crumb")) own.remove();
    return main.innerText;
  });
  assert.doesNotMatch(words, /[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệọỏốồổỗộớờởỡợụủứừửữự]/);
  await context.close();
});
