// An administrator's day in July 2025: two provinces become one. On a phone without scripts, and on a desk with the
// keyboard alone.
import assert from "node:assert/strict";
import {writeFileSync} from "node:fs";
import {join} from "node:path";
import {after, before, test} from "node:test";
import {Archive, openBrowser, pictures} from "./archive.mjs";

const password = "một mật khẩu thật dài";
const provinces = {"ldld-ha-nam": "Hà Nam", "ldld-nam-dinh": "Nam Định", "ldld-ninh-binh": "Ninh Bình", "ldld-hue": "Huế"};
const archive = new Archive();
let browser;

before(async () => {
  const table = join(archive.folder, "don-vi.jsonl");
  writeFileSync(table, Object.entries(provinces).map(([code, name]) => JSON.stringify(
    {code, name_vi: "Liên đoàn Lao động tỉnh " + name, level: "tinh", kind: "territorial", parent: "tld"})).join("\n"));
  await archive.run(["unit", "import", table]);
  const paper = join(archive.folder, "ke-hoach.txt");
  writeFileSync(paper, "Kế hoạch cán bộ\n\nKế hoạch cán bộ của công đoàn tỉnh Hà Nam.\n");
  await archive.run(["ingest", paper, "--unit", "ldld-ha-nam", "--visibility", "unit"]);
  for (const [name, unit, role] of [["an", "tld", "administrator"], ["binh", "ldld-ninh-binh", "archivist"]])
    await archive.run(["user", "add", name, "--unit", unit, "--role", role, "--password-stdin"], password);
  await archive.serve();
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await archive.remove();
});

const open = async (name, options) => {
  const context = await browser.newContext({locale: "vi-VN", ...options});
  const page = await context.newPage();
  await page.goto(archive.address + "/sign-in?next=/units");
  await page.fill("#name", name);
  await page.fill("#password", password);
  await page.keyboard.press("Enter");
  await page.waitForURL((address) => address.pathname === "/units");
  return {context, page};
};

const fitsTheWindow = async (page) => {
  const width = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(width <= 0, `the page ${page.url()} is ${width} px wider than the window`);
};

const papersFoundBy = async (name) => {
  const {context, page} = await open(name, {});
  await page.goto(archive.address + "/search?q=ke+hoach+can+bo");
  const found = await page.locator(".hits > li").count();
  await context.close();
  return found;
};

/** Tab until the element has the focus, as someone without a mouse does. */
const tabTo = async (page, selector) => {
  for (let steps = 0; steps < 80; ++steps) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`${selector} is not reached by Tab on ${page.url()}`);
};

test("phone, without scripts: a province goes into another after a look at what that changes", async () => {
  assert.equal(await papersFoundBy("binh"), 0);
  const {context, page} = await open("an", {viewport: {width: 360, height: 720}, javaScriptEnabled: false});
  await page.fill("#unit-name", "ha nam");
  await page.click("form[action='/units'] button");
  assert.match(await page.locator("main .tree").innerText(), /Hà Nam/);
  await page.screenshot({path: join(pictures, "units-found-phone.png"), fullPage: true});
  await page.goto(archive.address + "/units?unit=ldld-ha-nam");
  await page.click("a[href^='/units/change']");
  await fitsTheWindow(page);
  await page.fill("#into", "lien doan lao dong tinh nowhere");
  await page.click("main form.stack button");
  assert.match(await page.locator("[role=alert]").innerText(), /“lien doan lao dong tinh nowhere”: Không có đơn vị này/);
  await page.fill("#into", "lien doan lao dong tinh ninh binh");
  await page.fill("#day", "2025-07-01");
  await page.fill("#why", "Nghị quyết 202/2025/QH15");
  await page.click("main form.stack button");
  await page.screenshot({path: join(pictures, "units-preview-phone.png"), fullPage: true});
  await fitsTheWindow(page);
  const preview = await page.locator("section.note").innerText();
  assert.match(preview, /1 đơn vị, cùng 0 đơn vị bên dưới/);
  assert.match(preview, /tiếp nhận.*: Liên đoàn Lao động tỉnh Ninh Bình/);
  assert.equal(await papersFoundBy("binh"), 0, "a look changes nothing");
  await page.click("section.note button");
  await page.waitForURL("**/units?done=changed&unit=ldld-ninh-binh");
  assert.match(await page.locator("main .tree").innerText(), /Hà\sNam\s+cấp\stỉnh\s·\sđến\s30\/06\/2025/);
  await fitsTheWindow(page);
  await page.screenshot({path: join(pictures, "units-merged-phone.png"), fullPage: true});
  assert.equal(await papersFoundBy("binh"), 1, "the papers went with their unit");
  await context.close();
});

test("desk, with the keyboard alone: the other province follows", async () => {
  const {context, page} = await open("an", {viewport: {width: 1280, height: 900}});
  await page.goto(archive.address + "/units?unit=ldld-nam-dinh");
  await tabTo(page, "a[href^='/units/change']");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/units/change**");
  await tabTo(page, "#into");
  await page.keyboard.type("ldld-ninh-binh");
  await tabTo(page, "main form.stack button");
  await page.keyboard.press("Enter");
  await page.waitForSelector("section.note button");
  await page.screenshot({path: join(pictures, "units-preview-desk.png"), fullPage: true});
  await tabTo(page, "section.note button");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/units?done=changed**");
  await page.screenshot({path: join(pictures, "units-merged-desk.png"), fullPage: true});
  await context.close();
});

test("who does not administer is offered nothing and gets nothing", async () => {
  const {context, page} = await open("binh", {});
  await page.goto(archive.address + "/units?unit=ldld-hue");
  assert.equal(await page.locator("a[href^='/units/change']").count(), 0);
  assert.equal((await page.goto(archive.address + "/units/change?unit=ldld-hue")).status(), 403);
  await context.close();
});
