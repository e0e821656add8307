// The upload page: files go by tus, so that a lost network or a closed tab costs nothing.
"use strict";

const sizeText = (bytes) => {
  const decimal = document.documentElement.lang === "vi" ? "," : ".";
  if (bytes < 1e6) return Math.max(1, Math.round(bytes / 1e3)) + " KB";
  return (bytes / (bytes < 1e9 ? 1e6 : 1e9)).toFixed(1).replace(".", decimal) + (bytes < 1e9 ? " MB" : " GB");
};

/** All files in what was dropped, folders opened. */
const filesIn = async (transfer) => {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files];
  const found = [];
  const open = async (entry) => {
    if (entry.isFile) return found.push(await new Promise((ok, no) => entry.file(ok, no)));
    const reader = entry.createReader();
    for (;;) {
      const some = await new Promise((ok, no) => reader.readEntries(ok, no));
      if (!some.length) return;
      for (const inner of some) await open(inner);
    }
  };
  for (const entry of entries) await open(entry);
  return found;
};

const uploads = (form) => {
  const words = JSON.parse(form.dataset.texts);
  const fill = (key, values) => words[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const csrf = form.elements.csrf.value;
  const headers = {"X-CSRF-Token": csrf};
  const input = one("#files");
  const drop = one(".drop");
  const rows = [];
  let files = [];
  let isBusy = false;

  const setFiles = (list) => {
    files = list.filter((file) => !file.name.startsWith("."));
    files.sort((a, b) => a.name.localeCompare(b.name, "vi", {numeric: true}));
    const size = sizeText(files.reduce((sum, file) => sum + file.size, 0));
    const place = one("#chosen");
    place.textContent = files.length ? fill("chosen", {total: files.length, size}) : "";
  };
  const setState = (row, state, note = words[state], id = "") => {
    row.state = state;
    row.item.className = "is-" + state;
    row.mark.textContent = words[state];
    row.note.replaceChildren(!note || note === words[state] ? "" : note);
    row.bar.hidden = state !== "sending";
    if (id) row.name.replaceChildren(make("a", {href: "/m/" + encodeURIComponent(id), textContent: row.file.name}));
    if (state === "lost") {
      const button = make("button", {type: "button", className: "button", textContent: words.retry});
      button.addEventListener("click", () => again(row.sheets));
      row.note.append(" ", button);
    }
    sum();
  };
  const sum = () => {
    const isSent = (row) => !["waiting", "sending", "lost"].includes(row.state);
    const sent = rows.filter(isSent);
    const kept = sent.filter((row) => row.state !== "refused");
    const bad = rows.filter((row) => ["failed", "refused", "quarantined", "lost"].includes(row.state)).length;
    const size = sizeText(kept.reduce((total, row) => total + row.file.size, 0));
    const key = kept.length === rows.length ? "all" : "sum";
    const line = fill(key, {done: kept.length, total: rows.length, size});
    one("#sum").textContent = bad ? `${line}. ${fill("sum.bad", {count: bad})}` : line;
    one("#all").max = rows.length || 1;
    one("#all").value = sent.length;
  };
  const addRow = (file) => {
    const row = {file, state: "waiting", name: make("span", {textContent: file.name}), mark: make("span", {className: "state"}), note: make("small"),
      bar: make("progress", {max: 1, value: 0})};
    row.bar.setAttribute("aria-label", file.name);
    row.item = make("li", {}, row.name, row.mark, row.note, row.bar);
    rows.push(row);
    one("#queue").append(row.item);
    setState(row, "waiting");
  };
  const address = (id) => "/api/v1/uploads/" + encodeURIComponent(id);
  const ask = (url, options) => fetch(url, {...options, headers: {...headers, "Tus-Resumable": "1.0.0"}}).catch(() => null);
  const json = async (answer) => (await answer?.json().catch(() => null)) || {};

  /** The material that holds these bytes already and may be read; null where that cannot be told. */
  const known = async (file) => {
    // Browsers take digests on pages with TLS only, and of what fits into memory.
    if (!crypto.subtle || file.size > 64e6) return null;
    const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer()).catch(() => null);
    if (!digest) return null;
    const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const answer = await ask("/api/v1/files/" + hex);
    return answer?.ok ? (await answer.json()).materials[0] : null;
  };
  const offerToSend = (row, material) => {
    setState(row, "duplicate", "", material.id);
    const anyway = make("button", {type: "button", className: "button", textContent: words.anyway});
    anyway.addEventListener("click", () => {
      row.isWanted = true;
      again(row.sheets);
    });
    row.note.append(anyway);
  };
  /** Sends one file as tus does, from where an earlier try of this browser ended. */
  const transfer = (row, isSheet) => new Promise((ok, no) => {
    const {batch, unit, visibility, kind, theme, title} = uploads.fields;
    const metadata = isSheet ? {sheet: "1"} : {batch, unit, visibility, kind, theme, title};
    const upload = new tus.Upload(row.file, {
      endpoint: "/api/v1/uploads",
      headers,
      metadata: {...metadata, filename: row.file.name},
      chunkSize: 32 * 1024 * 1024,
      retryDelays: [0, 1000, 3000, 5000, 10000, 20000, 30000, 30000, 30000, 60000, 60000, 60000],
      removeFingerprintOnSuccess: true,
      onProgress: (sent, total) => {
        row.bar.value = sent / (total || 1);
        row.mark.textContent = fill("sending", {percent: Math.floor(100 * row.bar.value) + " %"});
      },
      onError: no,
      onSuccess: () => ok(upload.url),
    });
    upload.findPreviousUploads().then((previous) => {
      if (previous.length) upload.resumeFromPreviousUpload(previous[0]);
      upload.start();
    }, no);
  });
  /** Why a transfer ended: what the archive says of the file, or that the network did not carry it. */
  const explain = (row, error) => {
    const answer = error.originalResponse;
    const status = answer?.getStatus() || 0;
    let problem = {};
    try {
      problem = JSON.parse(answer.getBody());
    } catch { /* no problem document: nothing to add */ }
    const isRefused = status >= 400 && status < 500 && ![401, 408, 409, 423, 429].includes(status);
    setState(row, isRefused ? "refused" : "lost", problem.detail);
  };
  const place = (row, answer) => {
    row.id = answer.material || answer.id;
    if (answer.state === "refused") setState(row, "refused", answer.message);
    else setState(row, answer.intake || "queued", answer.message, row.id);
  };
  const sendOne = async (row) => {
    setState(row, "waiting", "");
    const material = row.isWanted ? null : await known(row.file);
    if (material) return offerToSend(row, material);
    setState(row, "sending");
    try {
      place(row, await json(await ask(await transfer(row, false))));
    } catch (error) {
      explain(row, error);
    }
  };
  /** All sheets of one document: they become one material once the last has come. */
  const sendSheets = async (sheets) => {
    for (const row of sheets.filter((sheet) => !sheet.url)) {
      setState(row, "sending");
      try {
        row.url = await transfer(row, true);
        setState(row, "waiting", "");
      } catch (error) {
        return explain(row, error);
      }
    }
    const {batch, unit, visibility, kind, theme, group} = uploads.fields;
    const ids = sheets.map((row) => new URL(row.url, location).pathname.split("/").pop());
    const fields = Object.fromEntries(Object.entries({unit, visibility, kind, theme, title: group}).filter(([, value]) => value));
    const answer = await fetch("/api/v1/materials", {method: "POST", body: JSON.stringify({uploads: ids, batch, fields}),
      headers: {...headers, "Content-Type": "application/json"}}).catch(() => null);
    const outcome = await json(answer);
    for (const row of sheets) {
      if (answer?.ok) place(row, outcome);
      else setState(row, answer && answer.status < 500 ? "refused" : "lost", outcome.detail);
    }
  };
  const send = (sheets) => (uploads.fields.group ? sendSheets(sheets) : sendOne(sheets[0]));
  const again = (sheets) => send(sheets).then(finish);
  const isReading = (row) => ["queued", "reading"].includes(row.state);
  /** Asks for the verdicts until every file has one; closes the receipt when no file can join it any more. */
  const finish = async () => {
    let wait = 1000;
    const batch = "/api/v1/batches/" + uploads.fields.batch;
    while (rows.some(isReading)) {
      await new Promise((ok) => setTimeout(ok, wait));
      wait = Math.min(wait * 1.3, 10000);
      const answer = await fetch(batch).catch(() => null);
      if (!answer?.ok) continue;
      const {items} = await answer.json();
      for (const row of rows.filter(isReading)) {
        const item = items.find((candidate) => candidate.id && candidate.id === row.id);
        if (item && item.state !== row.state) setState(row, item.state, item.message || undefined, item.id);
      }
    }
    if (isBusy || rows.some((row) => row.state === "lost")) return;
    one("#progress-title").textContent = words.finished;
    if (!one("#queue button")) await ask(batch + "/close", {method: "POST"});
  };
  const start = async () => {
    const group = form.elements.group.checked;
    const field = (name) => form.elements[name]?.value || "";
    const title = group || files.length === 1 ? field("title") : "";
    const theme = all("input[name=theme]:checked").map((box) => box.value).join(";");
    const answer = await fetch("/api/v1/batches", {method: "POST", headers});
    if (!answer.ok) throw answer;
    const {id} = await answer.json();
    uploads.fields = {batch: id, unit: field("unit"), visibility: field("visibility"), kind: field("kind"), theme, title,
      group: group ? title || files[0].name.replace(/\.[^.]*$/, "") : ""};
    form.hidden = true;
    one("#progress").hidden = false;
    one("#progress-title").focus();
    isBusy = true;
    say("");
    files.forEach(addRow);
    const queue = group ? [[...rows]] : rows.map((row) => [row]);
    for (const sheets of queue) for (const row of sheets) row.sheets = sheets;
    const lane = async () => {
      while (queue.length) await send(queue.shift());
    };
    await Promise.all([lane(), lane()]);
    isBusy = false;
    one("#receipt").href = "/batches/" + id;
    one("#receipt").hidden = false;
    await finish();
  };

  drop.classList.add("js");
  drop.append(make("p", {id: "chosen"}));
  one("#chosen").setAttribute("role", "status");
  one(".folder").hidden = false;
  input.addEventListener("change", () => setFiles([...input.files]));
  one("#folder").addEventListener("change", (event) => setFiles([...event.target.files]));
  for (const kind of ["dragenter", "dragover"]) {
    drop.addEventListener(kind, (event) => (event.preventDefault(), drop.classList.add("over")));
  }
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", async (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    setFiles(await filesIn(event.dataTransfer));
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!files.length) return say(words.none), input.focus();
    start().catch(() => say(words.lost));
  });
  addEventListener("beforeunload", (event) => {
    if (isBusy) event.preventDefault();
  });
  addEventListener("online", () => {
    for (const sheets of new Set(rows.filter((row) => row.state === "lost").map((row) => row.sheets))) again(sheets);
  });
  for (const button of all("[data-upload]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const answer = await ask(address(button.dataset.upload), {method: "DELETE"});
      if (answer?.ok) button.closest("li").remove();
    });
  }
};

if (one("#upload")) uploads(one("#upload"));
