// Two days of the way of a material. A grassroots officer on a phone contributes a press release, the federation's editor
// approves it with the keyboard alone, the spokesperson publishes it for the press under an embargo, and a journalist
// looks before and after that instant. And: a member without an account sends a photo through a call.
import assert from "node:assert/strict";
import {writeFileSync} from "node:fs";
import {join} from "node:path";
import {after, before, test} from "node:test";
import {Archive, corpus, openBrowser, pictures} from "./archive.mjs";

const password = "một mật khẩu thật dài";
const phone = {viewport: {width: 360, height: 720}};
const desk = {viewport: {width: 1280, height: 900}};
const archive = new Archive();
let browser;

before(async () => {
  const table = join(archive.folder, "don-vi.csv");
  writeFileSync(table, "code,name_vi,parent\nldld-nghe-an,Liên đoàn Lao động tỉnh Nghệ An,tld\n" +
    "cdcs-may,Công đoàn cơ sở Công ty May Hoàng Mai,ldld-nghe-an\n");
  await archive.run(["unit", "import", table]);
  for (const [name, unit, role] of [["co-so", "cdcs-may", "contributor"], ["bien-tap", "ldld-nghe-an", "editor"],
                                    ["phat-ngon", "ldld-nghe-an", "spokesperson"]])
    await archive.run(["user", "add", name, "--unit", unit, "--role", role, "--password-stdin"], password);
  await archive.run(["user", "add", "nha-bao", "--kind", "press", "--password-stdin"], password);
  await archive.serve();
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await archive.remove();
});

const open = async (name, next, options) => {
  const context = await browser.newContext({locale: "vi-VN", timezoneId: "Asia/Ho_Chi_Minh", ...options});
  const page = await context.newPage();
  await page.goto(archive.address + (name ? "/sign-in?next=" + encodeURIComponent(next) : next));
  if (name) {
    await page.fill("#name", name);
    await page.fill("#password", password);
    await page.keyboard.press("Enter");
    await page.waitForURL((address) => address.pathname === next);
  }
  return {context, page};
};

const look = async (page, name) => {
  const width = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(width <= 0, `the page ${page.url()} is ${width} px wider than the window`);
  await page.screenshot({path: join(pictures, name + ".png"), fullPage: true});
};

/** Tab until the element has the focus, as someone without a mouse does. */
const tabTo = async (page, selector) => {
  for (let steps = 0; steps < 80; ++steps) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`${selector} is not reached by Tab on ${page.url()}`);
};

let material;

test("phone, without scripts: a grassroots officer contributes and sends it for review", async () => {
  const {context, page} = await open("co-so", "/upload", {...phone, javaScriptEnabled: false});
  const release = join(archive.folder, "thong-cao.txt");
  writeFileSync(release, "THÔNG CÁO BÁO CHÍ\n\nCông nhân may Hoàng Mai nhận nhà ở công đoàn.\n");
  await page.setInputFiles("#files", release);
  await page.click("main form button.main");
  await page.waitForURL("**/batches/*");
  await page.goto(archive.address + "/review");
  await look(page, "review-own-phone");
  assert.match(await page.locator("main").innerText(), /Bản nháp, chưa gửi duyệt/);
  await page.click(".lots a");
  await page.waitForURL("**/review");
  material = page.url().match(/\/m\/([0-9a-f-]{36})\//)[1];
  await page.selectOption("#to", {label: "Liên đoàn Lao động tỉnh Nghệ An"});
  await page.fill("#due", "2020-01-01");
  await page.fill("#message", "Xin duyệt trước họp báo");
  await page.click("button[value=submit]");
  assert.match(await page.locator("[role=alert]").innerText(), /Hạn duyệt đã qua/);
  assert.equal(await page.inputValue("#message"), "Xin duyệt trước họp báo", "nothing typed is lost");
  await page.fill("#due", "2099-12-31");
  await look(page, "way-submit-phone");
  await page.click("button[value=submit]");
  await page.waitForURL("**/review?done=submit");
  assert.match(await page.locator("main .lead").innerText(), /Chờ Liên đoàn Lao động tỉnh Nghệ An duyệt/);
  await look(page, "way-submitted-phone");
  await context.close();
});

test("desk, with the keyboard alone: the editor returns it, gets it again and approves it", async () => {
  const editor = await open("bien-tap", "/review", desk);
  await look(editor.page, "review-waiting-desk");
  await tabTo(editor.page, ".lots a");
  await editor.page.keyboard.press("Enter");
  await editor.page.waitForURL("**/m/*/review");
  await tabTo(editor.page, "button[value=return]");
  await editor.page.keyboard.press("Enter");
  assert.match(await editor.page.locator("[role=alert]").innerText(), /Xin ghi lý do/);
  await tabTo(editor.page, "#text");
  await editor.page.keyboard.type("Thêm tên người liên hệ");
  await tabTo(editor.page, "button[value=return]");
  await editor.page.keyboard.press("Enter");
  await editor.page.waitForURL("**/review?done=return");
  const officer = await open("co-so", "/review", phone);
  assert.match(await officer.page.locator("main").innerText(), /Đã trả lại; chờ co-so sửa và gửi lại/);
  await officer.page.click(".lots a");
  assert.match(await officer.page.locator(".timeline").innerText(), /Thêm tên người liên hệ/);
  await officer.page.selectOption("#to", {label: "Liên đoàn Lao động tỉnh Nghệ An"});
  await officer.page.click("button[value=submit]");
  await officer.page.waitForURL("**/review?done=submit");
  await officer.context.close();
  await editor.page.goto(`${archive.address}/m/${material}/review`);
  await look(editor.page, "way-decide-desk");
  await tabTo(editor.page, "button[value=approve]");
  await editor.page.keyboard.press("Enter");
  await editor.page.waitForURL("**/review?done=approve");
  assert.match(await editor.page.locator("main .lead").innerText(), /Đã duyệt; chờ .* công bố/);
  await look(editor.page, "way-approved-desk");
  await editor.page.check("input[value=press]");
  await editor.page.click("button[value=publish]");
  assert.match(await editor.page.locator("[role=alert]").innerText(), /cần người phát ngôn duyệt trước/);
  await editor.context.close();
});

const statusFor = async (page) => (await page.goto(`${archive.address}/m/${material}`)).status();

test("the spokesperson publishes it for the press under an embargo, which ends by itself", async () => {
  const press = await open("nha-bao", "/", desk);
  assert.equal(await statusFor(press.page), 404);
  const {context, page} = await open("phat-ngon", "/review", phone);
  await page.click(".lots a");
  await page.waitForURL("**/m/*/review");
  await page.check("input[value=press]");
  // Forms have minutes: the next one, or the one after where that is nearly over.
  const minute = 60_000;
  const instant = (Math.floor((Date.now() + 30_000) / minute) + 1) * minute;
  const local = new Date(instant + 7 * 60 * minute).toISOString().slice(0, 16);
  await page.fill("#embargo", local);
  await look(page, "way-publish-phone");
  await page.click("button[value=publish]");
  await page.waitForURL(`**/m/${material}`);
  await look(page, "way-embargo-phone");
  await press.page.goto(archive.address + "/search?q=hoang+mai");
  assert.doesNotMatch(await press.page.locator("main").innerText(), /thong-cao|Hoàng Mai nhận/);
  assert.equal(await statusFor(press.page), 404);
  assert.ok(Date.now() < instant, "the journalist looked before the instant");
  await new Promise((resolve) => setTimeout(resolve, instant - Date.now() + 1000));
  assert.equal(await statusFor(press.page), 200);
  await look(press.page, "way-journalist-desk");
  await press.page.goto(archive.address + "/search?q=hoang+mai");
  assert.equal(await press.page.locator(".hits > li").count(), 1);
  await press.context.close();
  const anybody = await open(null, "/", desk);
  assert.equal(await statusFor(anybody.page), 404);
  await anybody.context.close();
  await context.close();
});

test("a member sends a photo through a call; it waits for the unit and nobody else sees it", async () => {
  const editor = await open("bien-tap", "/calls", desk);
  await editor.page.fill("#title", "Ảnh Hội thao công nhân 2026");
  await editor.page.fill("#text", "Ảnh rõ nét, chụp ngang, ghi tên đội.");
  await editor.page.fill("#ends_on", new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10));
  await editor.page.selectOption("#kind", "anh");
  await look(editor.page, "calls-new-desk");
  await editor.page.click("form[action='/calls'] button.main");
  await editor.page.waitForURL("**/calls?made=*");
  const link = await editor.page.inputValue("#link");
  await look(editor.page, "calls-made-desk");
  const {context, page} = await open(null, "/calls", {...phone, javaScriptEnabled: false});
  await page.click(".links a");
  assert.equal(new URL(page.url()).pathname, new URL(link).pathname);
  await page.fill("#name", "Đội bóng chuyền Xưởng 2");
  await page.fill("#contact", "0912 000 000");
  await page.check("[name=agrees]");
  await page.check("[name=has_consent]");
  await page.setInputFiles("#file", join(corpus, "anh.jpg"));
  await look(page, "call-phone");
  await page.click("button.main");
  assert.match(await page.locator("h1").innerText(), /Cảm ơn/);
  await look(page, "call-thanks-phone");
  await page.goto(archive.address + "/search?q=hoi+thao");
  assert.equal(await page.locator(".hits > li").count(), 0);
  await context.close();
  await editor.page.goto(archive.address + "/review");
  await editor.page.click(".lots a:has-text('Hội thao')");
  assert.match(await editor.page.locator(".timeline").innerText(), /0912 000 000/);
  await look(editor.page, "call-inbox-desk");
  await editor.page.click("button[value=approve]");
  await editor.page.waitForURL("**/review?done=approve");
  await editor.page.check("input[value=public]");
  await editor.page.click("button[value=publish]");
  await editor.page.waitForURL((address) => /^\/m\/[0-9a-f-]+$/.test(address.pathname));
  const anybody = await open(null, new URL(editor.page.url()).pathname, phone);
  const shown = await anybody.page.locator("main").innerText();
  assert.match(shown, /Đội bóng chuyền Xưởng 2/);
  assert.doesNotMatch(shown, /0912/);
  await anybody.context.close();
  await editor.context.close();
});
