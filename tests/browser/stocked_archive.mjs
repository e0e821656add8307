// An archive with something on every page: two units, people of each kind, papers, a photo, a press kit, what waits for
// review, a call, a link, an invitation.
import {writeFileSync} from "node:fs";
import {join} from "node:path";
import {Archive, corpus} from "./archive.mjs";

export const password = "một mật khẩu thật dài";

export class StockedArchive extends Archive {
  async stock() {
    const table = join(this.folder, "don-vi.csv");
    writeFileSync(table, "code,name_vi,name_en,parent,level\n" +
      "ldld-nghe-an,Liên đoàn Lao động tỉnh Nghệ An,Nghe An Federation of Labour,tld,tinh\n" +
      "cdcs-may,Công đoàn cơ sở Công ty May Hoàng Mai,,ldld-nghe-an,co_so\n");
    await this.run(["unit", "import", table]);
    const papers = join(this.folder, "ke-hoach.txt");
    writeFileSync(papers, "LIÊN ĐOÀN LAO ĐỘNG TỈNH NGHỆ AN\n\nKẾ HOẠCH\nTháng Công nhân năm 2026\n\nChăm lo đời sống đoàn viên.\n");
    const taken = JSON.parse((await this.run(["ingest", papers, join(corpus, "thong-bao.pdf"), join(corpus, "anh.jpg"),
      "--unit", "ldld-nghe-an", "--visibility", "public", "--json"])).trim().split("\n").at(-1));
    const named = (end) => taken.materials.find((material) => material.path.endsWith(end)).id;
    [this.paper, this.pages, this.photo] = [named("ke-hoach.txt"), named("thong-bao.pdf"), named("anh.jpg")];
    this.batch = taken.batch;
    for (const [name, unit, role] of [["quan-tri", "tld", "administrator"], ["phat-ngon", "ldld-nghe-an", "spokesperson"],
                                      ["co-so", "cdcs-may", "contributor"]])
      await this.run(["user", "add", name, "--unit", unit, "--role", role, "--password-stdin"], password);
    await this.serve();
    this.tokens = {};
    for (const name of ["quan-tri", "phat-ngon", "co-so"])
      this.tokens[name] = JSON.parse(await this.run(["user", "token", name, "--json"])).token;
    await this.fill();
    await this.letThePressAsk();
  }

  /** Two journalists ask while there is no mail server; from then on there is one, though nobody answers there. */
  async letThePressAsk() {
    for (const [person, newsroom] of [["Trần Thị Bình", "Báo Người Lao Động"], ["Lê Văn Cường", "Đài Phát thanh và Truyền hình Nghệ An"]]) {
      const body = new URLSearchParams({person, newsroom, card: "IBT 01234", telephone: "0912 345 678",
        purpose: "Viết về Tháng Công nhân", address: `${encodeURIComponent(newsroom).length}@bao.example.vn`});
      const answer = await fetch(this.address + "/press", {method: "POST", body});
      if (answer.status !== 202) throw new Error(`/press: ${answer.status} ${await answer.text()}`);
    }
    const body = new URLSearchParams({wish: "withdraw_consent", person: "Lê Thị Dung", address: "dung@example.vn",
      subject: "Ảnh tôi trong hội thao năm 2025"});
    await fetch(this.address + "/privacy", {method: "POST", body});
    this.server.kill("SIGTERM");
    await this.ended;
    writeFileSync(join(this.data, "config.toml"), `[server]\norigin = "${this.address}"\n` +
      '[mail]\nserver = "smtp://127.0.0.1:9"\nfrom = "kho@example.vn"\n');
    await this.serve(this.port);
  }

  async ask(who, method, path, body, fields = {}) {
    const answer = await fetch(this.address + path, {
      method, body: body && JSON.stringify(body),
      headers: {Authorization: "Bearer " + this.tokens[who], "Content-Type": "application/json", ...fields}});
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return {tag: answer.headers.get("etag"), json: answer.status === 204 ? null : await answer.json()};
  }

  async fill() {
    const photo = await this.ask("phat-ngon", "GET", "/api/v1/materials/" + this.photo);
    const sha256 = photo.json.files[0].sha256;
    await this.ask("phat-ngon", "PATCH", "/api/v1/materials/" + this.photo,
      {theme: ["workers_month", "safety"], audience: ["members_and_workers"], channel: ["print_press"]}, {"If-Match": photo.tag});
    const kit = await this.ask("phat-ngon", "POST", "/api/v1/kits", {
      title: "Họp báo Tháng Công nhân", unit: "ldld-nghe-an", visibility: "public", release: "Tin cho báo chí.",
      contact: "Ban Tuyên giáo", quotes: [{text: "Chăm lo là việc hằng ngày.", speaker: "Chủ tịch công đoàn"}],
      items: [{material: this.photo, file: sha256, caption: "Công nhân vào ca"}]});
    this.kit = kit.json.id;
    await this.ask("phat-ngon", "POST", `/api/v1/kits/${this.kit}/versions`, {}, {"If-Match": kit.tag});
    this.draft = (await this.ask("co-so", "POST", "/api/v1/kits", {title: "Bài gửi từ cơ sở", unit: "cdcs-may",
      release: "Tin.", visibility: "union"})).json.id;
    const {tag} = await this.ask("co-so", "GET", `/api/v1/materials/${this.draft}/review`);
    await this.ask("co-so", "POST", `/api/v1/materials/${this.draft}/review`,
      {step: "submit", to: "ldld-nghe-an", text: "Xin duyệt", due: "2099-12-31"}, {"If-Match": tag});
    const nextMonth = new Date(Date.now() + 30 * 86_400_000).toISOString();
    this.call = (await this.ask("phat-ngon", "POST", "/api/v1/calls", {unit: "ldld-nghe-an", title: "Ảnh hội thao",
      text: "Ảnh rõ nét.", ends_at: nextMonth, is_listed: true})).json.id;
    const share = (await this.ask("phat-ngon", "POST", `/api/v1/materials/${this.photo}/shares`,
      {expires_at: nextMonth, recipient: "Báo Lao Động"})).json;
    this.share = new URL(share.url).pathname;
    const thumbnail = `/api/v1/materials/${this.photo}/files/thumbnail.jpg`;
    for (const ends = Date.now() + 60_000; (await fetch(this.address + thumbnail)).status !== 200;) {
      if (Date.now() > ends) throw new Error("no thumbnail is made of the photo");
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  /** Every kind of page, as [who, path, name]. */
  pages_of_all_kinds() {
    const {paper, pages, photo, kit, draft, call, share, batch} = this;
    return [
      [null, "/", "front"], [null, "/search?q=cong+nhan", "search"], [null, "/search?q=khong-co-gi-ca", "search-nothing"],
      [null, "/search?q=&theme=yearly_events", "search-theme"],
      [null, `/m/${paper}`, "material-text"], [null, `/m/${pages}?q=cong`, "material-pages"], [null, `/m/${photo}`, "material-photo"],
      [null, `/m/${paper}/history`, "history"], [null, `/kit/${kit}`, "kit"], [null, "/units", "units"],
      [null, "/units?unit=ldld-nghe-an", "units-branch"], [null, "/units?q=nghe+an", "units-found"], [null, share, "share"],
      [null, `/selection?q=cong+nhan`, "selection"], [null, "/sign-in", "sign-in"], [null, "/forgot", "forgot"], [null, "/press", "press"], [null, "/privacy", "privacy"],
      ["quan-tri", "/press/requests", "press-requests"], ["quan-tri", "/privacy/requests", "privacy-requests"],
      [null, "/calls", "calls"],
      [null, `/call/${call}`, "call"], [null, "/khong-co-trang-nay", "error-404"], [null, `/m/${draft}`, "error-hidden"],
      ["co-so", "/upload", "upload"], ["co-so", "/review", "review-own"], ["co-so", `/m/${draft}/review`, "way-own"],
      ["phat-ngon", "/", "front-signed-in"], ["phat-ngon", "/review", "review"], ["phat-ngon", `/m/${draft}/review`, "way"],
      ["phat-ngon", `/m/${photo}`, "material-officer"], ["phat-ngon", `/m/${photo}/edit`, "edit"],
      ["phat-ngon", `/m/${photo}/history`, "history-officer"], ["phat-ngon", `/m/${photo}/history/1`, "revision"],
      ["phat-ngon", `/m/${photo}/delete`, "remove"], ["phat-ngon", `/m/${photo}/shares`, "shares"],
      ["phat-ngon", "/calls", "calls-officer"], ["phat-ngon", `/kit/${kit}`, "kit-officer"],
      ["phat-ngon", "/account", "account"], ["quan-tri", "/people", "people"], ["quan-tri", `/m/${photo}/hold`, "hold"],
      ["quan-tri", "/units/change?unit=ldld-nghe-an", "unit-change"], ["quan-tri", "/preservation", "preservation"],
      ["quan-tri", "/audit", "audit"], ["quan-tri", "/vocabularies", "vocabularies"],
      ["quan-tri", "/vocabularies/themes", "vocabulary"], ["phat-ngon", `/bulk-edit?id=${photo}`, "bulk-edit"],
      ["quan-tri", `/batches/${batch}`, "batch"], ["phat-ngon", `/m/${photo}?as=press`, "as-press"],
      ["phat-ngon", "/kits", "kits"], ["phat-ngon", `/kits/new?ids=${photo},${paper}`, "kit-new"],
      ["phat-ngon", `/kit/${kit}/edit`, "kit-edit"], ["phat-ngon", `/kit/${kit}/preview`, "kit-preview"],
    ];
  }
}

/** A context that is signed in, or of nobody. */
export const contextOf = async (browser, archive, who, options) => {
  const context = await browser.newContext({timezoneId: "Asia/Ho_Chi_Minh", ...options});
  if (!who) return context;
  const page = await context.newPage();
  await page.goto(archive.address + "/sign-in");
  await page.fill("#name", who);
  await page.fill("#password", password);
  await page.keyboard.press("Enter");
  await page.waitForURL((address) => address.pathname !== "/sign-in");
  await page.close();
  return context;
};
