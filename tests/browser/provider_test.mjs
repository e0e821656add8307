// Signing in and linking by a real provider of OpenID Connect, in a real browser: cookies, policies and pages included.
import assert from "node:assert/strict";
import {spawn} from "node:child_process";
import {readFileSync, writeFileSync} from "node:fs";
import {createRequire} from "node:module";
import {createServer} from "node:net";
import {join} from "node:path";
import {after, before, test} from "node:test";
import {Archive, openBrowser, pictures, root} from "./archive.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const rules = {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]};
const password = "một mật khẩu thật dài";
const archive = new Archive();
let browser, provider, issuer;

const freePort = () =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const {port} = probe.address();
      probe.close(() => resolve(port));
    });
  });

const tell = (what, values) => fetch(`${issuer}/test/${what}`, {method: "POST", body: JSON.stringify(values)});

before(async () => {
  await archive.run(["user", "add", "hoa", "--unit", "tld", "--role", "administrator", "--password-stdin"], password);
  const [port, own] = [await freePort(), await freePort()];
  issuer = `http://127.0.0.1:${port}`;
  const told = {port, client_id: "kho", client_secret: "bi mat", redirect_uris: [`http://127.0.0.1:${own}/sign-in/provider/answer`]};
  provider = spawn("node", ["provider.mjs", JSON.stringify(told)], {cwd: join(root, "tests/oidc"), stdio: ["pipe", "pipe", "inherit"]});
  await new Promise((resolve) => provider.stdout.on("data", (text) => String(text).includes("ready") && resolve()));
  writeFileSync(join(archive.data, "oidc-secret"), "bi mat\n");
  writeFileSync(join(archive.data, "config.toml"), `[oidc]\nissuer = "${issuer}"\nclient_id = "kho"
client_secret_file = "oidc-secret"\nname = "Công đoàn số"\nname_en = "Union ID"
[[oidc.grants]]\nclaim = "groups"\nvalue = "ban-tuyen-giao"\nunit = "tld"\nrole = "editor"\n`);
  await archive.serve(own);
  await tell("person", {sub: "u-lan", claims: {preferred_username: "lan", groups: ["ban-tuyen-giao"]}});
  await tell("person", {sub: "u-hoa", claims: {preferred_username: "hoa.ng", groups: ["ban-tuyen-giao"]}});
  await tell("person", {sub: "u-none", claims: {preferred_username: "none"}});
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  provider?.stdin.end();
  await archive.remove();
});

const contextIn = (language, width) =>
  browser.newContext({viewport: {width, height: 800}, locale: language === "vi" ? "vi-VN" : "en-GB", bypassCSP: false});

/** No fault that axe knows, and nothing wider than the window. */
const looksWell = async (page, name) => {
  await page.screenshot({path: join(pictures, `provider-${name}.png`), fullPage: true});
  const spare = await page.evaluate(() => window.innerWidth - document.documentElement.scrollWidth);
  assert.ok(spare >= 0, `${name}: ${-spare} px too wide`);
  const copy = await page.context().browser().newContext({bypassCSP: true, viewport: page.viewportSize()});
  await copy.addCookies(await page.context().cookies());
  const same = await copy.newPage();
  await same.route(page.url(), async (route) => route.fulfill({contentType: "text/html", body: await page.content()}));
  await same.goto(page.url());
  await same.evaluate(axe);
  const {violations} = await same.evaluate((wanted) => globalThis.axe.run(wanted), rules);
  await copy.close();
  assert.deepEqual(violations.map(({id, nodes}) => `${name}: ${id}: ${nodes[0].html.slice(0, 160)}`), []);
};

const signInThere = async (page, login) => {
  await page.waitForURL((url) => url.origin === issuer);
  await page.fill("input[name=login]", login);
  await page.click("button[value=login]");
  await page.waitForURL((url) => url.origin === archive.address);
};

test("a person signs in by the provider, on a phone", async () => {
  const context = await contextIn("vi", 360);
  const page = await context.newPage();
  await page.goto(archive.address + "/sign-in?next=/upload");
  await looksWell(page, "sign-in-vi-phone");
  await page.click("text=Đăng nhập bằng Công đoàn số");
  await signInThere(page, "u-lan");
  assert.equal(page.url(), archive.address + "/upload");
  await page.goto(archive.address + "/account");
  assert.match(await page.textContent("main"), /lan/);
  await looksWell(page, "account-vi-phone");
  assert.ok(!(await context.cookies()).some(({name}) => name === "provider"));
  await context.close();
});

test("whoever has no right is told what to do, in English", async () => {
  const context = await contextIn("en", 1280);
  const page = await context.newPage();
  await page.goto(archive.address + "/sign-in");
  assert.doesNotMatch(await page.textContent("main"), /Công đoàn số|Đăng nhập/);
  await page.click("text=Sign in with Union ID");
  await signInThere(page, "u-none");
  assert.match(await page.textContent("[role=alert]"), /has no right in the archive yet/);
  await looksWell(page, "no-right-en-desk");
  await context.close();
});

test("an account is linked by its own person and unlinked again", async () => {
  for (const [language, width] of [["vi", 360], ["en", 1280]]) {
    const context = await contextIn(language, width);
    const page = await context.newPage();
    await page.goto(archive.address + "/sign-in?next=/account");
    await page.fill("#name", "hoa");
    await page.fill("#password", password);
    await page.click("form[action='/sign-in'] button");
    await page.fill("#link-password", password);
    await page.click("form[action='/account/identities'] button");
    await looksWell(page, `link-${language}`);
    await page.click("main a.button.main");
    await signInThere(page, "u-hoa");
    assert.equal(page.url(), archive.address + "/account?done=linked");
    assert.match(await page.textContent("main"), /hoa\.ng/);
    await looksWell(page, `linked-${language}`);
    await page.fill("form[action='/account/identities/end'] input[name=present]", password);
    await page.click("form[action='/account/identities/end'] button");
    assert.equal(page.url(), archive.address + "/account?done=unlinked");
    await context.close();
  }
});
