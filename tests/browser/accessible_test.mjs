// axe finds nothing wrong on any kind of page, in both languages, on a phone and on a desk; no page is wider than the window.
// KHOCHUNG_ALL_PAGES=1: both languages on both.
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {createRequire} from "node:module";
import {join} from "node:path";
import {after, before, test} from "node:test";
import {openBrowser, pictures} from "./archive.mjs";
import {StockedArchive, contextOf} from "./stocked_archive.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const sizes = {phone: {width: 360, height: 720}, desk: {width: 1280, height: 900}};
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

const rules = {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]};

const rounds = process.env.KHOCHUNG_ALL_PAGES
  ? [["vi", "phone"], ["vi", "desk"], ["en", "phone"], ["en", "desk"]]
  : [["vi", "phone"], ["en", "desk"]];

for (const [language, size] of rounds)
  test(`every kind of page, ${language}, ${size}`, async () => {
    const wrong = [];
    const contexts = new Map();
    for (const [who, path, name] of archive.pages_of_all_kinds()) {
      // The program that looks is put into the page from outside; pages themselves run no script of others.
      const options = {viewport: sizes[size], locale: language === "vi" ? "vi-VN" : "en-GB", bypassCSP: true};
      if (!contexts.has(who)) contexts.set(who, await contextOf(browser, archive, who, options));
      const page = await contexts.get(who).newPage();
      await page.goto(archive.address + path);
      await page.screenshot({path: join(pictures, `all-${name}-${language}-${size}.png`), fullPage: true});
      const spare = await page.evaluate(() => window.innerWidth - document.documentElement.scrollWidth);
      if (spare < 0) wrong.push(`${name}: ${-spare} px too wide`);
      // What the program calls things stands in no page; the audit log has words for all that is done.
      const raw = name === "audit" ? await page.locator("td, th").evaluateAll((cells) =>
        cells.map((cell) => cell.textContent.match(/\b[a-z]+\.[a-z_]{3,}\b/)?.[0]).filter(Boolean)) : [];
      if (raw.length > 0) wrong.push(`${name}: no words for ${raw.join(", ")}`);
      await page.evaluate(axe);
      const {violations} = await page.evaluate((wanted) => globalThis.axe.run(wanted), rules);
      for (const {id, help, nodes} of violations) wrong.push(`${name}: ${id}: ${help}: ${nodes[0].html.slice(0, 160)}`);
      await page.close();
    }
    for (const context of contexts.values()) await context.close();
    assert.deepEqual(wrong, []);
  });
