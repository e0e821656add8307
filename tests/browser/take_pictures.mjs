// Takes the pictures of the README from the demo archive, or from one that is served already:
//     scripts/dev pictures [ADDRESS]
import {mkdirSync} from "node:fs";
import {join} from "node:path";
import {Archive, openBrowser, root} from "./archive.mjs";

const place = join(root, ".readme");
const desk = {width: 1280, height: 860};
const shots = [
  {name: "search", size: desk, path: "/search?q=thang+cong+nhan"},
  {name: "page", size: {width: 1280, height: 1100}, query: "nang+nong"},
];

/** The demo archive, taken in and read. */
const openDemo = async () => {
  const archive = new Archive();
  const demo = join(root, "scripts/demo-archive");
  await archive.run(["unit", "import", join(demo, "units.jsonl")]);
  await archive.run(["ingest", "--manifest", join(demo, "manifest.csv"), "--json"]);
  await archive.serve();
  return archive;
};

const archive = process.argv[2] ? null : await openDemo();
const address = process.argv[2] ?? archive.address;
const browser = await openBrowser();
mkdirSync(place, {recursive: true});
for (const shot of shots) {
  const page = await browser.newPage({viewport: shot.size, locale: "vi-VN"});
  await page.goto(address + (shot.path ?? `/search?q=${shot.query}`));
  if (shot.query) {
    await page.click(".hits h2 a");
    await page.locator("#page rect.box").first().waitFor();
  }
  await page.waitForLoadState("networkidle");
  await page.screenshot({path: join(place, `${shot.name}.jpg`), type: "jpeg", quality: 82});
  await page.close();
}
await browser.close();
await archive?.remove();
