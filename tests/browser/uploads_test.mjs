// The upload page on a bad day: the tab is closed, the server dies, the file is here already.
import assert from "node:assert/strict";
import {createHash, randomBytes} from "node:crypto";
import {writeFileSync} from "node:fs";
import {join} from "node:path";
import {after, before, test} from "node:test";
import {Archive, openBrowser, pictures} from "./archive.mjs";

const password = "một mật khẩu thật dài";
const megabyte = 1 << 20;
const sizes = {desk: {width: 1280, height: 800}, phone: {width: 360, height: 740}};
let archive, browser;

before(async () => {
  archive = new Archive();
  await archive.run(["user", "add", "lan", "--unit", "tld", "--role", "archivist", "--password-stdin"], password);
  await archive.serve();
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await archive?.remove();
});

const openUpload = async (context) => {
  const page = await context.newPage();
  await page.goto(archive.address + "/upload");
  if (page.url().includes("/sign-in")) {
    await page.fill("#name", "lan");
    await page.fill("#password", password);
    await page.click("main form button");
    await page.waitForURL("**/upload");
  }
  return page;
};

/** A file that no other test sends. */
const makeFile = (name, size) => {
  const bytes = randomBytes(size);
  const path = join(archive.folder, name);
  writeFileSync(path, bytes);
  return {path, digest: createHash("sha256").update(bytes).digest("hex")};
};

/** Lets the page send so many bytes a second. */
const slowDown = async (page, bytesPerSecond) => {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions",
    {offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: bytesPerSecond});
};

const sentPart = async (page) => Number(await page.locator("#queue progress").first().getAttribute("value"));

const waitForPart = async (page, part) => {
  const end = Date.now() + 60_000;
  while ((await sentPart(page)) < part) {
    assert.ok(Date.now() < end, "nothing is sent");
    await page.waitForTimeout(50);
  }
};

const digestOnReceipt = async (page) => {
  await page.locator("#receipt").click();
  await page.waitForURL("**/batches/**");
  return page.locator("table").innerText();
};

test("a closed tab costs nothing: the same file, chosen again, goes on", async () => {
  const context = await browser.newContext({locale: "vi-VN", viewport: sizes.phone});
  const file = makeFile("Phim Đại hội.mp4", 80 * megabyte);
  const first = await openUpload(context);
  await slowDown(first, 12 * megabyte);
  await first.setInputFiles("#files", file.path);
  await first.click("#upload button.main");
  await waitForPart(first, 0.6);
  await first.close({runBeforeUnload: false});

  const second = await openUpload(context);
  assert.match(await second.locator("main .note").innerText(), /Phim Đại hội\.mp4/);
  await second.screenshot({path: join(pictures, "upload-unfinished.png"), fullPage: true});
  const asked = [];
  second.on("request", (request) => {
    if (request.method() === "PATCH") asked.push(Number(request.headers()["upload-offset"]));
  });
  await second.setInputFiles("#files", file.path);
  await second.click("#upload button.main");
  await second.locator("#receipt").waitFor({timeout: 120_000});
  // It began where the first tab ended, less what lay in buffers on the way.
  assert.ok(asked[0] > 0.4 * 80 * megabyte, `went on at ${asked[0]}`);
  const material = await second.locator("#queue a").first().getAttribute("href");
  const answer = await second.request.get(archive.address + "/api/v1/materials/" + material.split("/").pop());
  assert.equal((await answer.json()).files[0].sha256, file.digest);
  const again = await openUpload(context);
  assert.equal(await again.locator("main .note").count(), 0);
  await context.close();
});

test("a server that dies and comes again is waited for", async () => {
  const context = await browser.newContext({locale: "vi-VN", viewport: sizes.desk});
  const page = await openUpload(context);
  const file = makeFile("Ghi âm.wav", 64 * megabyte);
  await slowDown(page, 12 * megabyte);
  await page.setInputFiles("#files", file.path);
  await page.click("#upload button.main");
  await waitForPart(page, 0.3);
  await archive.kill();
  await page.waitForTimeout(500);
  await archive.serve(archive.port);
  await page.locator("#receipt").waitFor({timeout: 120_000});
  assert.match(await digestOnReceipt(page), new RegExp(file.digest.slice(0, 8)));
  await context.close();
});

test("what the archive has already is told before it is sent, and can be sent all the same", async () => {
  const context = await browser.newContext({locale: "vi-VN", viewport: sizes.phone});
  const file = makeFile("Áp phích.bin", megabyte);
  const first = await openUpload(context);
  await first.setInputFiles("#files", file.path);
  await first.click("#upload button.main");
  await first.locator("#receipt").waitFor();

  const page = await openUpload(context);
  const sent = [];
  page.on("request", (request) => request.url().includes("/uploads") && sent.push(request.method()));
  await page.setInputFiles("#files", file.path);
  await page.click("#upload button.main");
  const button = page.locator("#queue button");
  await button.waitFor();
  assert.deepEqual(sent, []);
  assert.match(await page.locator("#queue").innerText(), /đã có tệp này/);
  await page.screenshot({path: join(pictures, "upload-known.png"), fullPage: true});
  await button.click();
  await page.locator("#queue .state", {hasText: "kho đã có tệp này"}).waitFor();
  await page.waitForFunction(() => !document.querySelector("#queue button"));
  assert.ok(sent.includes("POST"));
  await context.close();
});

test("sheets that are sent as one document become one material", async () => {
  const context = await browser.newContext({locale: "vi-VN", viewport: sizes.desk});
  const page = await openUpload(context);
  const sheets = [1, 2].map((number) => makeFile(`tờ ${number}.txt`, 300));
  for (const [index, sheet] of sheets.entries()) {
    const text = `Quyết định mẫu, tờ ${index + 1}: nội dung chỉ có trong kiểm thử này.\n`;
    writeFileSync(sheet.path, text);
  }
  await page.setInputFiles("#files", sheets.map((sheet) => sheet.path));
  await page.check("input[name=group]");
  await page.fill("#title", "Quyết định mẫu");
  await page.click("#upload button.main");
  await page.locator("#receipt").waitFor();
  const links = await page.locator("#queue a").evaluateAll((found) => found.map((link) => link.href));
  assert.equal(links.length, 2);
  assert.equal(links[0], links[1]);
  await context.close();
});

test("kind and themes that are chosen go with every file, and with the sheets of one document", async () => {
  const context = await browser.newContext({locale: "vi-VN", viewport: sizes.phone});
  const page = await openUpload(context);
  const send = async (names, isGroup) => {
    await page.goto(archive.address + "/upload");
    const files = names.map((name) => makeFile(name, 400));
    for (const file of files) writeFileSync(file.path, `Tờ tin ${file.digest}, chỉ có trong kiểm thử này.\n`);
    await page.setInputFiles("#files", files.map((file) => file.path));
    await page.selectOption("#kind", "poster");
    await page.click("#upload details summary");
    await page.check("input[name=theme][value=safety]");
    await page.check("input[name=theme][value=values]");
    if (isGroup) await page.check("input[name=group]");
    if (!isGroup) await page.screenshot({path: join(pictures, "upload-kind-360.png"), fullPage: true});
    await page.click("#upload button.main");
    await page.locator("#receipt").waitFor();
    return page.locator("#queue a").evaluateAll((found) => found.map((link) => link.pathname.split("/").pop()));
  };
  const ids = [...await send(["tin 1.txt", "tin 2.txt"], false), ...await send(["tờ 3.txt", "tờ 4.txt"], true)];
  assert.equal(new Set(ids).size, 3);
  for (const id of ids) {
    const kept = await (await page.request.get(archive.address + "/api/v1/materials/" + id)).json();
    assert.deepEqual([kept.kind, kept.theme.split(";").sort()], ["poster", ["safety", "values"]]);
  }
  await context.close();
});
