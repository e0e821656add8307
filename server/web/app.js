// What the pages can do better with a script; all of them work without it.
"use strict";

const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const make = (name, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};

const say = (words) => {
  const place = one("#said");
  place.textContent = words;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => (place.textContent = ""), 5000);
};

// -- suggestions: an ARIA combobox over /api/v1/suggest

const suggestFor = (input) => {
  const list = make("ul", {className: "suggest", id: input.id + "-list", hidden: true});
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.labels[0].textContent);
  input.form.append(list);
  for (const [name, value] of [
    ["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"],
    ["aria-controls", list.id]]) input.setAttribute(name, value);

  let chosen = -1;
  let asked = "";
  let timer = 0;

  const choose = (index) => {
    const options = all("li", list);
    chosen = options.length ? (index + options.length + 1) % (options.length + 1) : -1;
    if (chosen === options.length) chosen = -1;
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === chosen)));
    if (chosen < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", options[chosen].id);
  };
  const show = (entries) => {
    list.replaceChildren(...entries.map(({title, url}, at) => {
      const option = make("li", {id: `${list.id}-${at}`, textContent: title});
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.url = url;
      return option;
    }));
    chosen = -1;
    list.hidden = entries.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
  };
  const go = (option) => {
    // Only addresses of this site: what the server answers is still data.
    if (option && option.dataset.url.startsWith("/")) location.assign(option.dataset.url);
  };
  const ask = async () => {
    const words = input.value.trim();
    if (words === asked) return;
    asked = words;
    if (words.length < 2) return show([]);
    try {
      const answer = await fetch("/api/v1/suggest?q=" + encodeURIComponent(words));
      const entries = answer.ok ? await answer.json() : [];
      if (asked === words && document.activeElement === input) show(entries.slice(0, 8));
    } catch {
      show([]);
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 120);
  });
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen < 0 ? all("li", list).length - 1 : chosen - 1);
    else if (event.key === "Escape") show([]);
    else if (event.key === "Enter" && chosen >= 0) go(all("li", list)[chosen]);
    else return;
    event.preventDefault();
  });
  input.addEventListener("blur", () => setTimeout(() => show([]), 150));
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    go(event.target.closest("li"));
  });
};

// -- passing on a link

const copy = async (words) => {
  if (navigator.clipboard) return navigator.clipboard.writeText(words);
  // Browsers give no clipboard to pages without TLS, as in an office network.
  const field = make("textarea", {value: words, className: "hide"});
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  if (!isCopied) throw new Error("not copied");
};

const share = async (event) => {
  const link = event.currentTarget;
  event.preventDefault();
  const isPhone = matchMedia("(pointer: coarse)").matches;
  try {
    if (isPhone && navigator.share) return await navigator.share({title: link.dataset.share, url: link.href});
    await copy(link.href);
    link.focus();
    say(link.dataset.said);
  } catch (error) {
    if (error.name !== "AbortError") prompt(link.dataset.share, link.href);
  }
};

// -- keyboard: "/" to the search box, arrows turn pages, Escape closes the filters

const onKey = (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === "Escape" && location.hash === "#filters") location.hash = "results";
  if (event.target.closest("input, textarea, select, audio, video, .strip")) return;
  if (event.key === "/") {
    event.preventDefault();
    one("#q")?.select();
    one("#q")?.focus();
  }
  const turn = {ArrowLeft: "prev", ArrowRight: "next"}[event.key];
  if (turn) one(`.pager [rel=${turn}]`)?.click();
};

// -- taking in files

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
      const again = make("button", {type: "button", className: "button", textContent: words.retry});
      again.addEventListener("click", () => send(row.sheets).then(finish));
      row.note.append(" ", again);
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
  /** Sends one file, or all sheets of one document in one form, so that they become one material. */
  const send = (sheets) => new Promise((finished) => {
    const setAll = (...state) => sheets.forEach((row) => setState(row, ...state));
    const data = new FormData();
    for (const [name, value] of Object.entries(uploads.fields)) if (value) data.append(name, value);
    for (const row of sheets) data.append("file", row.file, row.file.name);
    const request = new XMLHttpRequest();
    request.open("POST", "/api/v1/materials");
    request.setRequestHeader("X-CSRF-Token", csrf);
    request.responseType = "json";
    request.upload.onprogress = ({loaded, total}) => {
      for (const row of sheets) {
        row.bar.value = loaded / (total || 1);
        row.mark.textContent = fill("sending", {percent: Math.round(100 * loaded / (total || 1)) + " %"});
      }
    };
    request.onload = () => {
      const answer = request.response || {};
      for (const row of sheets) row.id = answer.id;
      if (request.status < 300) setAll(answer.intake || "queued", answer.message, answer.id);
      else setAll(request.status < 500 ? "refused" : "lost", answer.detail || answer.title);
      finished();
    };
    request.onerror = request.ontimeout = () => (setAll("lost"), finished());
    setAll("sending");
    request.send(data);
  });
  const isReading = (row) => ["queued", "reading"].includes(row.state);
  /** Asks for the verdicts until every file has one. */
  const finish = async () => {
    let wait = 1000;
    while (rows.some(isReading)) {
      await new Promise((ok) => setTimeout(ok, wait));
      wait = Math.min(wait * 1.3, 10000);
      const answer = await fetch("/api/v1/batches/" + uploads.fields.batch).catch(() => null);
      if (!answer?.ok) continue;
      const {items} = await answer.json();
      for (const row of rows.filter(isReading)) {
        const item = items.find((candidate) => candidate.id && candidate.id === row.id);
        if (item && item.state !== row.state) setState(row, item.state, item.message || undefined, item.id);
      }
    }
  };
  const start = async () => {
    const group = form.elements.group.checked;
    const field = (name) => form.elements[name]?.value || "";
    const title = group || files.length === 1 ? field("title") : "";
    const answer = await fetch("/api/v1/batches", {method: "POST", headers});
    if (!answer.ok) throw answer;
    const {id} = await answer.json();
    uploads.fields = {batch: id, unit: field("unit"), visibility: field("visibility"), title,
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
    await fetch(`/api/v1/batches/${id}/close`, {method: "POST", headers}).catch(() => null);
    one("#receipt").href = "/batches/" + id;
    one("#receipt").hidden = false;
    await finish();
    if (rows.every((row) => row.state !== "lost")) one("#progress-title").textContent = words.finished;
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
};

// -- a receipt that is still being read renews itself

const follow = async (receipt) => {
  const began = performance.now();
  const answer = await fetch(location.href).catch(() => null);
  if (answer?.ok) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const chosen = new Set(all("input:checked", receipt).map((box) => box.value));
    for (const part of ["#verdict", "tbody"]) {
      const [old, now] = [one(part), one(part, page)];
      if (old && now && old.innerHTML !== now.innerHTML) old.replaceWith(now);
    }
    for (const box of all("tbody input", receipt)) box.checked = chosen.has(box.value);
    if (!one("[data-open]", page)) return;
  }
  setTimeout(follow, Math.max(3000, 20 * (performance.now() - began)), receipt);
};

all("[data-suggest]").forEach(suggestFor);
all("[data-share]").forEach((link) => link.addEventListener("click", share));
all("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => print());
});
addEventListener("keydown", onKey);
if (one("#upload")) uploads(one("#upload"));
if (one("[data-open]")) setTimeout(follow, 3000, one("[data-open]"));
