// An archivist gives many materials a theme in one go, looks before, and takes it back. On a desk with the keyboard alone,
// and on a phone without scripts.
import assert from "node:assert/strict";
import {writeFileSync} from "node:fs";
import {join} from "node:path";
import {after, before, test} from "node:test";
import {Archive, openBrowser, pictures} from "./archive.mjs";

const password = "một mật khẩu thật dài";
const titles = ["An toàn điện trong nhà xưởng", "Đội mũ bảo hộ đúng cách", "Sơ cứu khi tai nạn lao động"];
const archive = new Archive();
let browser;

before(async () => {
  const units = join(archive.folder, "don-vi.jsonl");
  writeFileSync(units, JSON.stringify({code: "ldld-hue", name_vi: "Liên đoàn Lao động thành phố Huế", parent: "tld"}));
  await archive.run(["unit", "import", units]);
  for (const [number, title] of titles.entries()) {
    const paper = join(archive.folder, `to-roi-${number}.txt`);
    writeFileSync(paper, `${title}\n\nTờ rơi về an toàn lao động.\n`);
    await archive.run(["ingest", paper, "--unit", "ldld-hue", "--visibility", "union"]);
  }
  for (const [name, unit, role] of [["an", "tld", "administrator"], ["hue", "ldld-hue", "archivist"], ["doc", "ldld-hue", "reader"]])
    await archive.run(["user", "add", name, "--unit", unit, "--role", role, "--password-stdin"], password);
  await archive.serve();
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await archive.remove();
});

const search = "/search?q=an+toan+lao+dong";

const open = async (name, options, first = search) => {
  const context = await browser.newContext({locale: "vi-VN", ...options});
  const page = await context.newPage();
  await page.goto(archive.address + "/sign-in?next=" + encodeURIComponent(first));
  await page.fill("#name", name);
  await page.fill("#password", password);
  await page.keyboard.press("Enter");
  await page.waitForURL((address) => address.pathname !== "/sign-in");
  return {context, page};
};

const fitsTheWindow = async (page) => {
  const width = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(width <= 0, `the page ${page.url()} is ${width} px wider than the window`);
};

/** Tab until the element has the focus, as someone without a mouse does. */
const tabTo = async (page, selector) => {
  for (let steps = 0; steps < 120; ++steps) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`${selector} is not reached by Tab on ${page.url()}`);
};

const take = (page, name) => page.screenshot({path: join(pictures, name), fullPage: true});

test("desk, with the keyboard alone: an archivist bulk-edits what a search found, and undoes", async () => {
  const {context, page} = await open("hue", {viewport: {width: 1280, height: 900}});
  await tabTo(page, "a[href^='/bulk-edit']");
  await take(page, "bulk-search-desk.png");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/bulk-edit?**");
  assert.match(await page.locator("main").innerText(), /Tất cả 3 tư liệu tìm thấy/);
  await tabTo(page, "#set_theme");
  await page.keyboard.type("An t");
  await tabTo(page, "#set_credit");
  await page.keyboard.type("Ban Tuyên giáo");
  await take(page, "bulk-form-desk.png");
  await tabTo(page, "main form.stack button");
  await page.keyboard.press("Enter");
  await page.waitForSelector("text=Sẽ sửa 3 tư liệu.");
  assert.match(await page.locator(".changes").first().innerText(), /để trống[^]*An toàn, vệ sinh lao động/);
  await take(page, "bulk-preview-desk.png");
  await tabTo(page, "main form button");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/bulk-edits/**");
  assert.match(await page.locator("section.note").innerText(), /Đã sửa 3 tư liệu/);
  await take(page, "bulk-done-desk.png");
  await page.click("main .slender a >> nth=0");
  assert.match(await page.locator("main").innerText(), /An toàn, vệ sinh lao động/);
  await page.goBack();
  await tabTo(page, "form[action$='/undo'] button");
  await page.keyboard.press("Enter");
  await page.waitForSelector("text=Đã hoàn tác.");
  assert.match(await page.locator("section.note").innerText(), /Đã trả 3 tư liệu về như trước/);
  await take(page, "bulk-undone-desk.png");
  assert.equal(await page.locator("form[action$='/undo']").count(), 0);
  await context.close();
});

test("phone, without scripts: only the ticked ones", async () => {
  const {context, page} = await open("hue", {viewport: {width: 360, height: 720}, javaScriptEnabled: false});
  await page.click("a[href^='/bulk-edit']");
  await fitsTheWindow(page);
  await page.check("input[name=scope][value=ticked]");
  await page.click("main form.stack button");
  assert.match(await page.locator("[role=alert]").innerText(), /Chưa chọn thay đổi nào/);
  await page.selectOption("#set_kind", "to_roi");
  await page.click("main form.stack button");
  assert.match(await page.locator("[role=alert]").innerText(), /Chưa chọn tư liệu nào/);
  assert.equal(await page.inputValue("#set_kind"), "to_roi", "what was chosen stays");
  await page.check(`label:has-text("${titles[1]}") input`);
  await take(page, "bulk-form-phone.png");
  await page.click("main form.stack button");
  await fitsTheWindow(page);
  await take(page, "bulk-preview-phone.png");
  assert.match(await page.locator("main").innerText(), /Sẽ sửa 1 tư liệu/);
  await page.click("main form button");
  await page.waitForURL("**/bulk-edits/**");
  await fitsTheWindow(page);
  await take(page, "bulk-done-phone.png");
  await page.click("form[action$='/undo'] button");
  assert.match(await page.locator("section.note").innerText(), /Đã hoàn tác/);
  await context.close();
});

test("one material is corrected from its own page", async () => {
  const {context, page} = await open("hue", {viewport: {width: 360, height: 720}, javaScriptEnabled: false});
  await page.click(`.hits a:has-text("${titles[0]}") >> nth=-1`);
  await page.click("main a[href$='/edit']");
  assert.match(await page.locator("h1").innerText(), /Sửa thông tin/);
  await page.fill("#issuer", "LĐLĐ thành phố Huế");
  const themes = page.locator("fieldset:has(input[name=theme])");
  await themes.locator("summary").click();
  await fitsTheWindow(page);
  await themes.locator("input[value=workers_month]").check();
  await themes.locator("input[value=safety]").check();
  await take(page, "edit-phone.png");
  await page.click("main form.stack button");
  await page.waitForURL((address) => /^\/m\/[0-9a-f-]+$/.test(address.pathname));
  assert.match(await page.locator("main").innerText(), /LĐLĐ thành phố Huế/);
  await take(page, "material-with-themes-phone.png");
  await page.click("dd a[href='/search?theme=workers_month']");
  assert.match(await page.locator("h1").innerText(), /./);
  await context.close();
});

test("who may edit nothing is offered nothing and gets nothing", async () => {
  const {context, page} = await open("doc", {});
  assert.equal(await page.locator("a[href^='/bulk-edit']").count(), 0);
  assert.equal((await page.goto(archive.address + "/bulk-edit?q=an+toan")).status(), 403);
  await context.close();
});

test("an administrator adds a word, and it is offered at once", async () => {
  const {context, page} = await open("an", {viewport: {width: 1280, height: 900}}, "/vocabularies");
  await take(page, "vocabularies-desk.png");
  await page.click("main a[href='/vocabularies/themes']");
  await take(page, "vocabulary-desk.png");
  await tabTo(page, "a[href='/vocabularies/themes?edit=']");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#label_vi");
  await page.fill("#id", "digital_skills");
  await page.fill("#label_vi", "Kỹ năng số");
  await page.fill("#label_en", "Digital skills");
  await take(page, "vocabulary-form-desk.png");
  await page.click("main form.stack button");
  await page.waitForURL("**/vocabularies/themes?done=saved");
  assert.match(await page.locator("main .slender").innerText(), /Kỹ năng số/);
  await page.goto(archive.address + "/bulk-edit?lang=en");
  await page.selectOption("#set_theme", {label: "Digital skills"});
  await context.close();
});

test("phone: vocabularies fit, in English too", async () => {
  const {context, page} = await open("an", {viewport: {width: 360, height: 720}, javaScriptEnabled: false}, "/vocabularies/audience");
  await fitsTheWindow(page);
  await take(page, "vocabulary-phone.png");
  await page.goto(archive.address + "/vocabularies/kinds?edit=quyet_dinh&lang=en");
  await fitsTheWindow(page);
  await take(page, "vocabulary-form-phone.png");
  await context.close();
});
