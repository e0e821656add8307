// The real program on a data folder of its own, and a browser to look at it with.
import {execFile, spawn} from "node:child_process";
import {mkdtempSync, rmSync, mkdirSync} from "node:fs";
import {createServer} from "node:net";
import {tmpdir} from "node:os";
import {dirname, join} from "node:path";
import {fileURLToPath} from "node:url";
import {chromium} from "playwright-core";

export const root = process.env.KHOCHUNG_SOURCE_DIR ?? join(dirname(fileURLToPath(import.meta.url)), "../..");
const build = process.env.KHOCHUNG_BUILD_DIR ?? join(root, "build/release");
const program = join(build, "khochung");

export const corpus = join(root, "tests/corpus");
export const pictures = join(root, "build/pictures");

const freePort = () =>
  new Promise((resolve, reject) => {
    const probe = createServer().on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const {port} = probe.address();
      probe.close(() => resolve(port));
    });
  });

export class Archive {
  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), "khochung-browser-"));
    this.data = join(this.folder, "data");
  }

  /** Runs a command to its end and gives its output. */
  run(words, given = "") {
    return new Promise((resolve, reject) => {
      const child = execFile(program, [...words, "--data", this.data], (error, output, complaint) =>
        error ? reject(new Error(`khochung ${words.join(" ")}: ${complaint}${output}`)) : resolve(output));
      child.stdin.end(given);
    });
  }

  /** Starts the server; `port`: the one of a server that was killed. */
  async serve(port) {
    this.port = port ?? (await freePort());
    this.address = `http://127.0.0.1:${this.port}`;
    let said = "";
    this.server = spawn(program, ["serve", "--listen", `127.0.0.1:${this.port}`, "--data", this.data]);
    for (const stream of [this.server.stdout, this.server.stderr]) stream.on("data", (text) => (said += text));
    this.ended = new Promise((resolve) => this.server.once("exit", resolve));
    while (this.server.exitCode === null) {
      const isWell = await fetch(this.address + "/healthz").then((answer) => answer.ok, () => false);
      if (isWell) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error("the server ended: " + said.slice(-2000));
  }

  async kill() {
    this.server.kill("SIGKILL");
    await this.ended;
  }

  async remove() {
    this.server?.kill("SIGTERM");
    await this.ended;
    rmSync(this.folder, {recursive: true});
  }
}

/** Debian's Chromium; as root, and where /dev/shm is small, it needs to be told. */
export const openBrowser = () => {
  mkdirSync(pictures, {recursive: true});
  return chromium.launch({
    executablePath: process.env.KHOCHUNG_CHROMIUM ?? "/usr/bin/chromium",
    args: [
      ...(process.getuid() === 0 ? ["--no-sandbox"] : []),
      "--disable-dev-shm-usage", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ],
  });
};

/** A page of text as a scanner gives it: an A4 sheet at 150 dpi, a little askew, as PNG. */
export const makeScan = async (browser, paragraphs) => {
  const page = await browser.newPage({viewport: {width: 1240, height: 1754}});
  await page.setContent(`<body style="margin:0;background:#f6f4ee"><div style="padding:140px 130px;
    font:34px/1.5 'Liberation Serif',serif;transform:rotate(0.6deg)">
    ${paragraphs.map((text) => `<p>${text}</p>`).join("")}</div>`);
  const picture = await page.screenshot({type: "png"});
  await page.close();
  return picture;
};
