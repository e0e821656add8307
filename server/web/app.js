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
if (one("[data-open]")) setTimeout(follow, 3000, one("[data-open]"));
